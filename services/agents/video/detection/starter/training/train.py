"""
Trains the starter network on rendered frames, on a processor.

The folders are looked up anew every epoch, so frames that are rendered meanwhile take part. The learning rate
follows the wall clock: --minutes is the time that the run has, whatever else the machine does.
"""

import argparse
import copy
import glob
import math
import os
import time

import numpy as np
import torch

from augment import sample
from frames import MIN_VISIBILITY, FrameSet
from loss import detection_loss
from model import StarterNet, places

BATCH = 16
RATE = 2e-3
LAST_RATE = 2e-5
WARM_STEPS = 150
AVERAGE = 0.9985
MOSAIC = 0.5
PLAIN_SHARE = 0.12
"""Share of the time, at the end, without mosaics: the network ends on pictures like those it will see."""
CHECKPOINT_S = 120


def batch_of(frames: FrameSet, random: np.random.Generator, mosaic: float):
    """Pictures [N,3,H,W] and objects padded to the longest list, with kinds 0 filler, 1 wanted, 2 ignored."""
    drawn = [sample(frames, random, mosaic) for _ in range(BATCH)]
    images = torch.from_numpy(np.stack([picture for picture, _ in drawn])).permute(0, 3, 1, 2).float()
    most = max(1, max(len(boxes) for _, boxes in drawn))
    objects, kinds = torch.zeros(BATCH, most, 5), torch.zeros(BATCH, most, dtype=torch.uint8)
    for index, (_, boxes) in enumerate(drawn):
        held = torch.from_numpy(boxes)
        objects[index, : len(boxes)] = held[:, :5]
        kinds[index, : len(boxes)] = torch.where(held[:, 5] >= MIN_VISIBILITY, 1, 2).to(torch.uint8)
    return images.contiguous(memory_format=torch.channels_last), objects, kinds


def rate_at(step: int, share: float, peak: float) -> float:
    warm = min(1.0, (step + 1) / WARM_STEPS)
    return warm * (LAST_RATE + (peak - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * min(1.0, share))))


@torch.no_grad()
def follow(average: StarterNet, network: StarterNet, step: int) -> None:
    """The average of the weights over the last steps finds better than the weights themselves."""
    keep = min(AVERAGE, (step + 1) / (step + 10))
    for held, new in zip(average.state_dict().values(), network.state_dict().values()):
        if held.dtype.is_floating_point:
            held.lerp_(new, 1 - keep)
        else:
            held.copy_(new)


def give_way(most: int) -> None:
    """Takes several threads only while nobody else needs the machine."""
    others = os.getloadavg()[0] - torch.get_num_threads()
    torch.set_num_threads(most if others < 0.5 else 1)


def save(path: str, network: StarterNet, average: StarterNet, told: dict) -> None:
    torch.save({"network": network.state_dict(), "average": average.state_dict(), **told}, path + ".new")
    os.replace(path + ".new", path)


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    network = StarterNet()
    average = copy.deepcopy(network)
    if options.start:
        held = torch.load(options.start, weights_only=True)
        network.load_state_dict(held["network"])
        average.load_state_dict(held["average"])
    network = network.to(memory_format=torch.channels_last).train()
    decayed = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.03}, {"params": others, "weight_decay": 0.0}], lr=options.rate
    )
    torch.set_num_threads(1)
    began = told = saved = time.monotonic()
    step, pictures, parts = 0, 0, []
    share = 0.0
    while share < 1:
        folders = sorted(folder for pattern in options.data for folder in glob.glob(pattern))
        folders = [folder for folder in folders if os.path.exists(os.path.join(folder, "info.json"))]
        frames = FrameSet(folders)
        give_way(options.threads)
        for _ in range(max(1, min(len(frames), 4000) // BATCH)):
            share = (time.monotonic() - began) / (60 * options.minutes)
            if share >= 1:
                break
            images, objects, kinds = batch_of(frames, random, MOSAIC if share < 1 - PLAIN_SHARE else 0)
            for group in optimiser.param_groups:
                group["lr"] = rate_at(step, share, options.rate)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                raw = network(images)
            at = places(*images.shape[2:])
            loss, found = detection_loss(raw.float(), at, objects, kinds)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 10)
            optimiser.step()
            follow(average, network, step)
            step, pictures = step + 1, pictures + BATCH
            parts.append(found)
            now = time.monotonic()
            if now - told > 30:
                box, objectness, classes = np.mean(parts, 0)
                speed = len(parts) * BATCH / (now - told)
                print(
                    f"{share:.3f} step {step} frames {len(frames)} box {box:.4f} objectness {objectness:.4f} "
                    f"class {classes:.4f} {speed:.1f}/s {torch.get_num_threads()} threads", flush=True,
                )
                told, parts = now, []
            if now - saved > CHECKPOINT_S:
                save(options.out, network, average, {"pictures": pictures})
                saved = now
    save(options.out, network, average, {"pictures": pictures})
    print(f"done: {step} steps, {pictures} pictures, {(time.monotonic() - began) / 60:.1f} min", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", required=True, help="folders of the renderer, patterns allowed")
    parser.add_argument("--out", required=True, help="checkpoint to write")
    parser.add_argument("--start", help="checkpoint to go on from")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="at most; one while the machine is busy")
    train(parser.parse_args())
