"""Runs a detector with a raw YOLOX head through onnxruntime: letterbox, decode, suppress."""

import cv2
import numpy as np
import onnxruntime

GREY = 114
STRIDES = (8, 16, 32)
SUPPRESS_OVERLAP = 0.45


def open_model(path: str) -> onnxruntime.InferenceSession:
    """One thread that does not spin, as the service runs it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def letterbox(picture: np.ndarray, width: int, height: int) -> tuple[np.ndarray, float]:
    """A BGR picture scaled to fit at the top left of a grey canvas, and the scale."""
    scale = min(width / picture.shape[1], height / picture.shape[0])
    canvas = np.full((height, width, 3), GREY, np.uint8)
    inner = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas[: inner[1], : inner[0]] = picture if scale == 1 else cv2.resize(picture, inner, interpolation=how)
    return canvas, scale


def detect(session: onnxruntime.InferenceSession, canvas: np.ndarray, least: float) -> np.ndarray:
    """Boxes [class, x1, y1, x2, y2, score] in pixels of the canvas (BGR), best first, suppressed class by class."""
    images = np.ascontiguousarray(canvas.transpose(2, 0, 1)[None].astype(np.float32))
    raw = session.run(None, {session.get_inputs()[0].name: images})[0][0]
    at = places(*canvas.shape[:2])
    scores = raw[:, 4:5] * raw[:, 5:]
    classes = scores.argmax(1)
    best = scores.max(1)
    kept = best >= least
    raw, at, classes, best = raw[kept], at[kept], classes[kept], best[kept]
    centre = (raw[:, :2] + at[:, :2]) * at[:, 2:]
    half = np.exp(raw[:, 2:4]) * at[:, 2:] / 2
    found = np.concatenate((classes[:, None], centre - half, centre + half, best[:, None]), 1)
    found = found[np.argsort(-best, kind="stable")]
    return np.array([box for box in suppressed(found)], np.float32).reshape(-1, 6)


def suppressed(found: np.ndarray) -> list[np.ndarray]:
    kept: list[np.ndarray] = []
    while len(found):
        first, found = found[0], found[1:]
        kept.append(first)
        same = found[:, 0] == first[0]
        found = found[~(same & (overlaps(first[1:5], found[:, 1:5]) > SUPPRESS_OVERLAP))]
    return kept


def overlaps(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of one box [4] with others [n, 4]."""
    sides = (np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])).clip(0)
    shared = sides.prod(1)
    return shared / (np.prod(box[2:] - box[:2]) + np.prod(others[:, 2:] - others[:, :2], 1) - shared + 1e-9)


def places(height: int, width: int) -> np.ndarray:
    """Column, row, stride of every row of the output."""
    found = []
    for stride in STRIDES:
        rows, columns = np.mgrid[0 : height // stride, 0 : width // stride]
        found.append(np.stack((columns, rows, np.full_like(rows, stride)), 2).reshape(-1, 3))
    return np.concatenate(found).astype(np.float32)
