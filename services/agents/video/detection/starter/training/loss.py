"""Which place of the head answers for which object, and how wrong the answers are."""

import torch
from torch.nn import functional

from model import decode

CANDIDATES = 10
CENTRE_STRIDES = 1.5
BOX_WEIGHT = 5.0
CLASS_COST = 1.0
OVERLAP_COST = 3.0
FAR = 1e5


def pair_overlap(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Intersection over union of boxes that broadcast against each other, [..., 4] corners."""
    low = torch.maximum(first[..., :2], second[..., :2])
    high = torch.minimum(first[..., 2:], second[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    return shared / (area(first) + area(second) - shared + 1e-6)


def area(box: torch.Tensor) -> torch.Tensor:
    return (box[..., 2:] - box[..., :2]).clamp(min=0).prod(-1)


def generalised_overlap(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """GIoU: goes on falling, below 0, when boxes no longer touch."""
    low = torch.minimum(first[..., :2], second[..., :2])
    high = torch.maximum(first[..., 2:], second[..., 2:])
    hull = (high - low).prod(-1) + 1e-6
    overlap = pair_overlap(first, second)
    union = (area(first) + area(second)) / (1 + overlap)
    return overlap - (hull - union) / hull


@torch.no_grad()
def assign(raw: torch.Tensor, boxes: torch.Tensor, at: torch.Tensor, objects: torch.Tensor, valid: torch.Tensor):
    """
    Each object takes the cheapest places near its middle, as many as its overlaps with the ten best add up to
    (SimOTA), for the whole batch at once.

    `objects` is [N, G, 5] (class, corners), `valid` [N, G] tells which of them are to be found.
    Gives, per place, the object's index or -1, and the overlap with it.
    """
    corners = objects[..., 1:]
    middle = (at[:, :2] + 0.5) * at[:, 2:]
    inside = ((middle > corners[:, :, None, :2]) & (middle < corners[:, :, None, 2:])).all(-1)
    centre = (corners[..., :2] + corners[..., 2:]) / 2
    near = ((middle - centre[:, :, None]).abs() < CENTRE_STRIDES * at[:, 2:]).all(-1)
    overlap = pair_overlap(boxes[:, None], corners[:, :, None])
    score = (raw[..., 4:5].sigmoid() * raw[..., 5:].sigmoid()).sqrt()
    classes = objects[..., 0].long()
    own = score.gather(2, classes[:, None].expand(-1, score.shape[1], -1)).transpose(1, 2)
    cost = CLASS_COST * -own.clamp(min=1e-6).log() + OVERLAP_COST * -(overlap + 1e-6).log()
    cost = cost + FAR * ~(inside & near) + FAR * 10 * ~(inside | near)
    wanted = overlap.masked_fill(~(inside | near), 0).topk(CANDIDATES, 2).values.sum(2).int().clamp(min=1)
    cheapest = cost.topk(CANDIDATES, 2, largest=False)
    rank = torch.arange(CANDIDATES)[None, None]
    taken = (rank < wanted[..., None]) & valid[..., None] & (cheapest.values < FAR * 10)
    matched = torch.zeros_like(cost, dtype=torch.bool).scatter(2, cheapest.indices, taken)
    # A place that several objects want goes to the one that it costs least.
    best = cost.masked_fill(~matched, float("inf")).min(1)
    owner = torch.where(best.values < FAR * 10, best.indices, -1)
    return owner, overlap.gather(1, best.indices[:, None]).squeeze(1)


@torch.no_grad()
def ignored(at: torch.Tensor, objects: torch.Tensor, valid: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Places that look at an object too hidden to be asked for: neither right nor wrong there."""
    middle = (at[:, :2] + 0.5) * at[:, 2:]
    corners = objects[:, :, None, 1:]
    inside = ((middle > corners[..., :2]) & (middle < corners[..., 2:])).all(-1)
    return (inside & (present & ~valid)[..., None]).any(1)


def detection_loss(raw: torch.Tensor, at: torch.Tensor, objects: torch.Tensor, kinds: torch.Tensor):
    """
    Loss of a batch. `kinds` is [N, G]: 0 filler, 1 to be found, 2 to be ignored.

    Gives the sum and its parts (box, objectness, class), each a mean over the places that answer for objects.
    """
    boxes = decode(raw, at)
    valid = kinds == 1
    owner, overlap = assign(raw.detach(), boxes.detach(), at, objects, valid)
    mine = owner >= 0
    count = mine.sum().clamp(min=1)
    care = mine | ~ignored(at, objects, valid, kinds > 0)
    objectness = functional.binary_cross_entropy_with_logits(raw[..., 4], mine.float(), reduction="none")
    objectness = (objectness * care).sum() / count
    target = objects.gather(1, owner.clamp(min=0)[..., None].expand(-1, -1, 5))[mine]
    box = (1 - generalised_overlap(boxes[mine], target[:, 1:])).sum() / count
    # The class score says how well the box fits too: their product is what boxes are ranked by.
    wanted = functional.one_hot(target[:, 0].long(), raw.shape[-1] - 5) * overlap[mine][:, None]
    classes = functional.binary_cross_entropy_with_logits(raw[mine][:, 5:], wanted, reduction="sum") / count
    return BOX_WEIGHT * box + objectness + classes, (box.item(), objectness.item(), classes.item())
