"""Writes a checkpoint as ONNX: batch normalisation and the scaling of the input folded into the convolutions."""

import argparse
import hashlib
import os

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from frames import HEIGHT, WIDTH
from model import VALUES, ConvBlock, StarterNet

OPSET = 13
TOLERANCE = 2e-3


class Exported(nn.Module):
    """The network with its scores as probabilities, as YOLOX's exports have them."""

    def __init__(self, network: StarterNet):
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        raw = self.network(images)
        return torch.cat((raw[..., :4], raw[..., 4:].sigmoid()), 2)


def fold(network: StarterNet) -> StarterNet:
    """The same function in fewer operations."""
    network.eval()
    for block in network.modules():
        if isinstance(block, ConvBlock):
            block.conv = fuse_conv_bn_eval(block.conv, block.norm)
            block.norm = nn.Identity()
    # Padding is zero before and after, so the scale may move into the weights.
    network.stem[0].conv.weight.data *= network.input_scale
    network.input_scale = 1
    return network


def export(checkpoint: str, target: str) -> None:
    """Exports, compares with the network itself at two sizes, and only then replaces the target."""
    weights = torch.load(checkpoint, weights_only=True)["average"]
    plain, folded = StarterNet().eval(), StarterNet()
    plain.load_state_dict(weights)
    folded.load_state_dict(weights)
    model = Exported(fold(folded)).eval()
    example = torch.rand(2, 3, HEIGHT, WIDTH) * 255
    written = target + ".new"
    axes = {"images": {0: "batch", 2: "height", 3: "width"}, "output": {0: "batch", 1: "places"}}
    torch.onnx.export(
        model, (example,), written, input_names=["images"], output_names=["output"],
        opset_version=OPSET, dynamic_axes=axes, dynamo=False,
    )
    tell_row_length(written)
    session = onnxruntime.InferenceSession(written, providers=["CPUExecutionProvider"])
    for shape in ((2, 3, HEIGHT, WIDTH), (1, 3, 320, 192)):
        images = torch.rand(shape) * 255
        with torch.no_grad():
            wanted = Exported(plain)(images).numpy()
        found = session.run(None, {"images": images.numpy()})[0]
        worst = float(np.abs(found - wanted).max())
        print("output", found.shape, "largest difference", worst)
        if found.shape != wanted.shape or worst > TOLERANCE:
            raise SystemExit("the exported model does not say what the network says")
    os.replace(written, target)
    with open(target, "rb") as file:
        held = file.read()
    print(target, len(held), "bytes sha256", hashlib.sha256(held).hexdigest())


def tell_row_length(file: str) -> None:
    """The exporter forgets how long a row is; a reader that checks shapes before it runs anything wants to know."""
    model = onnx.load(file)
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = VALUES
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    export(options.checkpoint, options.out)
