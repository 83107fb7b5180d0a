"""
Measures a model: AP50 on rendered frames that it was not trained on, recall and precision on labelled footage,
time per frame on one thread. Prints what it finds; judges nothing.
"""

import argparse
import csv
import json
import time

import cv2
import numpy as np
import onnxruntime

from detect import detect, letterbox, open_model, overlaps
from frames import HEIGHT, MIN_VISIBILITY, WIDTH, FrameSet

CLASSES = ("person", "vehicle")
OVERLAP = 0.5
LEAST_SCORE = 0.01


def matched(found: np.ndarray, truth: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """
    For each box found, best first: 1 right, 0 wrong, -1 not counted because it lies on an object that is
    not asked for. An object is found once.
    """
    free = wanted.copy()
    verdicts = np.zeros(len(found), int)
    for index, box in enumerate(found):
        overlap = overlaps(box[1:5], truth)
        best = np.where(free, overlap, 0)
        if best.max(initial=0) >= OVERLAP:
            free[best.argmax()] = False
            verdicts[index] = 1
            continue
        ignored = truth[~wanted]
        if len(ignored) and (overlap[~wanted].max() >= OVERLAP or covered(box[1:5], ignored) >= OVERLAP):
            verdicts[index] = -1
    return verdicts


def covered(box: np.ndarray, others: np.ndarray) -> float:
    """Largest share of the box that lies in one of the others."""
    sides = (np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])).clip(0)
    return float((sides.prod(1) / max(np.prod(box[2:] - box[:2]), 1e-9)).max())


def average_precision(verdicts: np.ndarray, total: int) -> float:
    """Area under the envelope of precision over recall, at every step of recall."""
    right = np.cumsum(verdicts)
    precision = right / np.arange(1, len(verdicts) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((envelope * verdicts).sum() / max(total, 1))


def on_renders(session: onnxruntime.InferenceSession, folders: list[str], least_side: float) -> dict:
    frames = FrameSet(folders)
    scores = {index: [] for index in range(len(CLASSES))}
    verdicts = {index: [] for index in range(len(CLASSES))}
    totals = dict.fromkeys(range(len(CLASSES)), 0)
    for number in range(len(frames)):
        picture, boxes = frames[number]
        found = detect(session, np.ascontiguousarray(picture[:, :, ::-1]), LEAST_SCORE)
        for index in range(len(CLASSES)):
            truth, mine = boxes[boxes[:, 0] == index], found[found[:, 0] == index]
            sides = truth[:, 3:5] - truth[:, 1:3]
            wanted = (truth[:, 5] >= MIN_VISIBILITY) & (sides.min(1, initial=1e9) >= least_side)
            totals[index] += int(wanted.sum())
            verdicts[index].append(matched(mine, truth[:, 1:5], wanted))
            scores[index].append(mine[:, 5])
    report = {"frames": len(frames)}
    counted, all_scores = [], []
    for index, name in enumerate(CLASSES):
        score, verdict = np.concatenate(scores[index]), np.concatenate(verdicts[index])
        score, verdict = score[verdict >= 0], verdict[verdict >= 0]
        order = np.argsort(-score, kind="stable")
        report[name] = {"objects": totals[index], "ap50": round(average_precision(verdict[order], totals[index]), 4)}
        counted.append(verdict)
        all_scores.append(score)
    report["meanAp50"] = round(float(np.mean([report[name]["ap50"] for name in CLASSES])), 4)
    verdict, score = np.concatenate(counted), np.concatenate(all_scores)
    report["thresholds"] = [at_threshold(verdict, score, sum(totals.values()), t / 100) for t in range(10, 81, 5)]
    report["best"] = max(report["thresholds"], key=lambda row: row["f1"])
    return report


def at_threshold(verdict: np.ndarray, score: np.ndarray, total: int, threshold: float) -> dict:
    taken = verdict[score >= threshold]
    recall, precision = taken.sum() / max(total, 1), taken.sum() / max(len(taken), 1)
    f1 = 2 * recall * precision / max(recall + precision, 1e-9)
    return {name: round(float(value), 4) for name, value in
            (("threshold", threshold), ("recall", recall), ("precision", precision), ("f1", f1))}


def on_footage(session: onnxruntime.InferenceSession, clip: str, labels: str, label_scale: float) -> list[dict]:
    """Persons only. Labels: frame (from 1), id, left, top, width, height; their pixels times label_scale are the clip's."""
    truths: dict[int, list] = {}
    with open(labels) as file:
        for row in csv.reader(line for line in file if not line.startswith("#")):
            left, top, width, height = (float(value) * label_scale for value in row[2:6])
            truths.setdefault(int(row[0]), []).append((left, top, left + width, top + height))
    verdicts, scores, total = [], [], 0
    video = cv2.VideoCapture(clip)
    for number in range(1, max(truths) + 1):
        _, picture = video.read()
        if number not in truths:
            continue
        canvas, scale = letterbox(picture, WIDTH, HEIGHT)
        truth = np.array(truths[number]) * scale
        found = detect(session, canvas, LEAST_SCORE)
        found = found[found[:, 0] == 0]
        total += len(truth)
        verdicts.append(matched(found, truth, np.ones(len(truth), bool)))
        scores.append(found[:, 5])
    verdict, score = np.concatenate(verdicts), np.concatenate(scores)
    order = np.argsort(-score, kind="stable")
    rows = [at_threshold(verdict, score, total, threshold) for threshold in (0.15, 0.25, 0.35, 0.45, 0.55)]
    return [{"frames": len(truths), "persons": total, "ap50": round(average_precision(verdict[order], total), 4)}, *rows]


def speed(session: onnxruntime.InferenceSession, runs: int) -> dict:
    images = (np.random.default_rng(1).random((1, 3, HEIGHT, WIDTH)) * 255).astype(np.float32)
    name = session.get_inputs()[0].name
    times = []
    for _ in range(runs + 10):
        before = time.perf_counter()
        session.run(None, {name: images})
        times.append((time.perf_counter() - before) * 1000)
    return {"runs": runs, "medianMs": round(float(np.median(times[10:])), 2), "p95Ms": round(float(np.percentile(times[10:], 95)), 2)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--renders", nargs="*", default=[], help="folders of the renderer")
    parser.add_argument("--least-side", type=float, default=0, help="pixels: objects narrower are not asked for")
    parser.add_argument("--clip", help="labelled footage")
    parser.add_argument("--labels")
    parser.add_argument("--label-scale", type=float, default=1)
    parser.add_argument("--runs", type=int, default=200, help="runs of the speed measurement")
    options = parser.parse_args()
    model = open_model(options.model)
    print("speed", json.dumps(speed(model, options.runs)))
    if options.renders:
        report = on_renders(model, options.renders, options.least_side)
        for row in report.pop("thresholds"):
            print("  ", json.dumps(row))
        print("renders", json.dumps(report))
    if options.clip:
        for row in on_footage(model, options.clip, options.labels, options.label_scale):
            print("footage", json.dumps(row))
