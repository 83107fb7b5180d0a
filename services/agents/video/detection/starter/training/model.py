"""The starter network: a small single-stage detector with the raw head that YOLOX's exports have."""

import torch
from torch import nn
from torch.nn import functional

STRIDES = (8, 16, 32)
CLASSES = ("person", "vehicle")
"""Values per place of the head: x, y, w, h, objectness, then one score a class."""
VALUES = 5 + len(CLASSES)


class ConvBlock(nn.Module):
    """Convolution, batch normalisation, ReLU: ReLU because runtimes fuse it into the convolution."""

    def __init__(self, inputs: int, outputs: int, size: int = 3, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.norm(self.conv(x)), inplace=True)


class SplitBlock(nn.Module):
    """Half of the channels pass `depth` residual convolutions, the other half goes round them."""

    def __init__(self, inputs: int, outputs: int, depth: int, residual: bool = True):
        super().__init__()
        half = outputs // 2
        self.through = ConvBlock(inputs, half, 1)
        self.around = ConvBlock(inputs, half, 1)
        self.steps = nn.ModuleList(nn.Sequential(ConvBlock(half, half), ConvBlock(half, half)) for _ in range(depth))
        self.join = ConvBlock(2 * half, outputs, 1)
        self.residual = residual

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.through(x)
        for step in self.steps:
            y = y + step(y) if self.residual else step(y)
        return self.join(torch.cat((y, self.around(x)), 1))


class PoolPyramid(nn.Module):
    """Looks far around at the coarsest stride, so that a place knows what it stands in."""

    def __init__(self, channels: int):
        super().__init__()
        half = channels // 2
        self.enter = ConvBlock(channels, half, 1)
        self.leave = ConvBlock(half * 4, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = [self.enter(x)]
        for _ in range(3):
            y.append(functional.max_pool2d(y[-1], 5, 1, 2))
        return self.leave(torch.cat(y, 1))


class Head(nn.Module):
    """Box, objectness and classes of one stride; boxes and classes look at features of their own."""

    def __init__(self, inputs: int, width: int):
        super().__init__()
        self.shared = ConvBlock(inputs, width, 1)
        self.for_box = ConvBlock(width, width)
        self.for_class = ConvBlock(width, width)
        self.box = nn.Conv2d(width, 4, 1)
        self.objectness = nn.Conv2d(width, 1, 1)
        self.classes = nn.Conv2d(width, len(CLASSES), 1)
        # A sigmoid of about 0.01: nearly every place is background, and the first steps should not unlearn that.
        for layer in (self.objectness, self.classes):
            nn.init.constant_(layer.bias, -4.6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.shared(x)
        box = self.for_box(x)
        return torch.cat((self.box(box), self.objectness(box), self.classes(self.for_class(x))), 1)


class StarterNet(nn.Module):
    """Takes BGR planes 0–255, [N,3,H,W] with H and W multiples of 32; gives logits [N, places, VALUES]."""

    def __init__(self, widths: tuple[int, int, int, int, int] = (16, 32, 64, 96, 128), neck: int = 32):
        super().__init__()
        first, quarter, eighth, sixteenth, last = widths
        self.input_scale = 1 / 255
        self.stem = nn.Sequential(ConvBlock(3, first, 3, 2), ConvBlock(first, quarter, 3, 2))
        self.stage4 = SplitBlock(quarter, quarter, 1)
        self.stage8 = nn.Sequential(ConvBlock(quarter, eighth, 3, 2), SplitBlock(eighth, eighth, 2))
        self.stage16 = nn.Sequential(ConvBlock(eighth, sixteenth, 3, 2), SplitBlock(sixteenth, sixteenth, 2))
        self.stage32 = nn.Sequential(
            ConvBlock(sixteenth, last, 3, 2), PoolPyramid(last), SplitBlock(last, last, 1)
        )
        self.down32 = ConvBlock(last, neck, 1)
        self.top16 = SplitBlock(neck + sixteenth, neck * 2, 1, residual=False)
        self.down16 = ConvBlock(neck * 2, neck, 1)
        self.top8 = SplitBlock(neck + eighth, neck, 1, residual=False)
        self.up16 = ConvBlock(neck, neck, 3, 2)
        self.low16 = SplitBlock(neck * 2, neck * 2, 1, residual=False)
        self.up32 = ConvBlock(neck * 2, neck, 3, 2)
        self.low32 = SplitBlock(neck * 2, neck * 2, 1, residual=False)
        self.heads = nn.ModuleList((Head(neck, neck), Head(neck * 2, neck), Head(neck * 2, neck)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.input_scale != 1:
            x = x * self.input_scale
        at8 = self.stage8(self.stage4(self.stem(x)))
        at16 = self.stage16(at8)
        at32 = self.down32(self.stage32(at16))
        mid16 = self.down16(self.top16(torch.cat((double(at32), at16), 1)))
        out8 = self.top8(torch.cat((double(mid16), at8), 1))
        out16 = self.low16(torch.cat((self.up16(out8), mid16), 1))
        out32 = self.low32(torch.cat((self.up32(out16), at32), 1))
        levels = [head(level) for head, level in zip(self.heads, (out8, out16, out32))]
        return torch.cat([level.flatten(2) for level in levels], 2).transpose(1, 2)


def double(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def places(height: int, width: int) -> torch.Tensor:
    """Column, row and stride of each place of the head, in the order of its rows, [places, 3]."""
    found = []
    for stride in STRIDES:
        rows, columns = torch.meshgrid(torch.arange(height // stride), torch.arange(width // stride), indexing="ij")
        found.append(torch.stack((columns, rows, torch.full_like(rows, stride)), 2).reshape(-1, 3))
    return torch.cat(found).float()


def decode(raw: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    """Corners x1, y1, x2, y2 in pixels of the raw boxes [..., places, ≥4]."""
    centre = (raw[..., :2] + at[:, :2]) * at[:, 2:]
    # Beyond e^6 strides nothing fits into a picture; unbounded, one early step could overflow.
    half = raw[..., 2:4].clamp(max=6).exp() * at[:, 2:] / 2
    return torch.cat((centre - half, centre + half), -1)
