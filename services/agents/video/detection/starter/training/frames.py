"""Folders that the scene renderer wrote, as arrays: frames.rgb, boxes.jsonl, info.json."""

import json
from pathlib import Path

import numpy as np

WIDTH, HEIGHT = 416, 256
MIN_VISIBILITY = 0.3
"""Objects that show less of themselves than this are neither asked for nor held against the detector."""


class FrameSet:
    """Frames of one or more folders, read when asked for: pictures are mapped, not loaded."""

    def __init__(self, folders: list[str]):
        self.pictures = []
        self.boxes = []
        for folder in folders:
            lines = (Path(folder) / "boxes.jsonl").read_text().splitlines()
            frames = np.memmap(Path(folder) / "frames.rgb", np.uint8, "r").reshape(-1, HEIGHT, WIDTH, 3)
            if len(lines) != len(frames):
                raise ValueError(f"{folder}: {len(frames)} frames but {len(lines)} lines of boxes")
            self.pictures.append(frames)
            self.boxes += [np.array(json.loads(line), np.float32).reshape(-1, 6) for line in lines]
        self.starts = np.cumsum([0] + [len(frames) for frames in self.pictures])

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Picture (RGB, own copy) and boxes [class, x1, y1, x2, y2, visibility]."""
        folder = int(np.searchsorted(self.starts, index, "right")) - 1
        return np.array(self.pictures[folder][index - self.starts[folder]]), self.boxes[index].copy()
