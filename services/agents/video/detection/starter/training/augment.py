"""Makes rendered frames less alike and more like what cameras send."""

import cv2
import numpy as np

from frames import HEIGHT, WIDTH, FrameSet

GREY = 114
MIN_SIDE = 3
"""Pixels: an object narrower than this after scaling is ignored rather than asked for."""
MIN_KEPT = 0.35
"""Share of its box an object must keep at the picture's edge to be asked for."""


def sample(frames: FrameSet, random: np.random.Generator, mosaic: float) -> tuple[np.ndarray, np.ndarray]:
    """One training picture (BGR, letterbox size) and its boxes [class, x1, y1, x2, y2, visibility]."""
    if random.random() < mosaic:
        picture, boxes = four_in_one(frames, random)
    else:
        picture, boxes = placed(*frames[random.integers(len(frames))], random)
    if random.random() < 0.5:
        picture = picture[:, ::-1]
        boxes[:, [1, 3]] = WIDTH - boxes[:, [3, 1]]
    picture = spoil(np.ascontiguousarray(picture[:, :, ::-1]), random)
    return picture, boxes


def placed(picture: np.ndarray, boxes: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The frame as it is, zoomed into, or smaller on grey as a letterbox or a far camera would show it."""
    kind = random.random()
    if kind < 0.3:
        return picture, boxes
    low, high = (1.0, 1.8) if kind < 0.7 else (0.55, 1.0)
    scale = random.uniform(low, high)
    stretch = random.uniform(0.88, 1.14)
    across, down = scale * stretch, scale / stretch
    # Smaller ones lie at the top left, where the letterbox puts them; larger ones are cut anywhere.
    left = min(0.0, WIDTH - across * WIDTH) * random.random()
    top = min(0.0, HEIGHT - down * HEIGHT) * random.random()
    return moved(picture, boxes, (across, down, left, top), (WIDTH, HEIGHT))


def four_in_one(frames: FrameSet, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Four frames in the quarters round a point: more objects, more sizes, and objects that are cut off."""
    middle_x = int(random.uniform(0.3, 0.7) * WIDTH)
    middle_y = int(random.uniform(0.3, 0.7) * HEIGHT)
    whole = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    found = []
    for left, top, right, bottom in (
        (0, 0, middle_x, middle_y),
        (middle_x, 0, WIDTH, middle_y),
        (0, middle_y, middle_x, HEIGHT),
        (middle_x, middle_y, WIDTH, HEIGHT),
    ):
        width, height = right - left, bottom - top
        scale = random.uniform(0.6, 1.4)
        offset = (random.uniform(*ordered(0, width - scale * WIDTH)), random.uniform(*ordered(0, height - scale * HEIGHT)))
        picture, boxes = frames[random.integers(len(frames))]
        part, boxes = moved(picture, boxes, (scale, scale, *offset), (width, height))
        whole[top:bottom, left:right] = part
        boxes[:, 1:5] += (left, top, left, top)
        found.append(boxes)
    return whole, np.concatenate(found)


def ordered(first: float, second: float) -> tuple[float, float]:
    return min(first, second), max(first, second)


def moved(picture: np.ndarray, boxes: np.ndarray, by: tuple, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Scales and shifts a frame onto a canvas; boxes are clipped, and what is left of them counts as visibility."""
    across, down, left, top = by
    matrix = np.float32([[across, 0, left], [0, down, top]])
    how = cv2.INTER_AREA if across < 0.8 else cv2.INTER_LINEAR
    if how == cv2.INTER_AREA:
        # warpAffine knows no area averaging: halves would shimmer.
        picture = cv2.blur(picture, (2, 2))
    canvas = cv2.warpAffine(
        picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(GREY,) * 3
    )
    boxes = boxes.copy()
    boxes[:, [1, 3]] = boxes[:, [1, 3]] * across + left
    boxes[:, [2, 4]] = boxes[:, [2, 4]] * down + top
    before = np.prod(boxes[:, 3:5] - boxes[:, 1:3], 1)
    boxes[:, [1, 3]] = boxes[:, [1, 3]].clip(0, size[0])
    boxes[:, [2, 4]] = boxes[:, [2, 4]].clip(0, size[1])
    sides = boxes[:, 3:5] - boxes[:, 1:3]
    kept = np.prod(sides, 1) / np.maximum(before, 1e-6)
    boxes[:, 5] = np.where((kept < MIN_KEPT) | (sides.min(1) < MIN_SIDE), 0, boxes[:, 5])
    return canvas, boxes[kept > 0.02]


def spoil(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Colour, light, grain, blur and compression of cheaper cameras. Takes and gives BGR."""
    if random.random() < 0.8:
        picture = recoloured(picture, random)
    if random.random() < 0.12:
        picture = np.repeat(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[:, :, None], 3, 2)
    if random.random() < 0.1:
        painted_over(picture, random)
    if random.random() < 0.25:
        picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.3, 1.1))
    if random.random() < 0.1:
        # Enlarged from less: soft edges with blocks.
        share = random.uniform(0.45, 0.8)
        small = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    if random.random() < 0.25:
        grain = np.empty((HEIGHT, WIDTH, 3), np.int16)
        cv2.setRNGSeed(int(random.integers(1 << 30)))
        cv2.randn(grain, 0, random.uniform(2, 12))
        picture = cv2.add(picture, grain, dtype=cv2.CV_8U)
    if random.random() < 0.25:
        quality = int(random.uniform(25, 85))
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))[1], 1)
    return picture


def recoloured(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """White balance, contrast, brightness and gamma as one table a channel; then saturation and hue."""
    ramp = np.arange(256, dtype=np.float32) / 255
    gamma = np.exp(random.uniform(-0.45, 0.45))
    gains = np.exp(random.uniform(-0.12, 0.12, 3)) * np.exp(random.uniform(-0.3, 0.3))
    shift = random.uniform(-0.1, 0.1)
    table = np.stack([(ramp**gamma * gain + shift) * 255 for gain in gains], 1)[None].clip(0, 255).astype(np.uint8)
    picture = cv2.LUT(picture, table)
    if random.random() < 0.5:
        hsv = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)
        whole = np.arange(256)
        hue = ((whole + random.uniform(-9, 9)) % 180).astype(np.uint8)
        saturation = (whole * random.uniform(0.3, 1.6)).clip(0, 255).astype(np.uint8)
        hsv = cv2.LUT(hsv, np.stack((hue, saturation, whole.astype(np.uint8)), 1)[None])
        picture = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    return picture


def painted_over(picture: np.ndarray, random: np.random.Generator) -> None:
    """A few textured patches, small beside the objects: not everything with an edge is a thing to be found."""
    for _ in range(random.integers(1, 6)):
        width, height = int(random.uniform(4, 40)), int(random.uniform(4, 40))
        left, top = random.integers(WIDTH - width), random.integers(HEIGHT - height)
        cells = random.integers(0, 256, (random.integers(1, 6), random.integers(1, 6), 3), np.uint8)
        patch = cv2.resize(cells, (width, height), interpolation=int(random.choice((cv2.INTER_NEAREST, cv2.INTER_LINEAR))))
        part = picture[top : top + height, left : left + width]
        share = random.uniform(0.2, 0.6)
        cv2.addWeighted(part, 1 - share, patch, share, 0, part)
