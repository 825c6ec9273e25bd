"""The program that recognises text in pictures (see ``recognition``), with RapidOCR and the models in its wheel.

``python -m parkqa.corpus.recognition_child`` takes pickled ``Task`` objects on its standard input and writes a
``Recognition`` for each, or None where the recogniser failed. It yields to everything else that the machine has to do.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from parkqa.corpus.program import pipes
from parkqa.corpus.readers.scans import Picture, Recognition, Strip
from parkqa.corpus.recognition import MEMORY, Task

Pixels = npt.NDArray[np.uint8]

_SETTINGS = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "Global.text_score": 0.0,
    "Det.thresh": 0.2,
    "Det.box_thresh": 0.3,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
"""One thread: the rest of the machine is for others. What is unsure is sorted out later; whether a line stands on its
head is tried for the whole page. With its own thresholds (.3 and .5) the recogniser misses numbers that stand apart at
the beginning of a line, such as 二、; with these it found them all in ``benchmarks/ocr.py``."""
UPRIGHT = 1.5
"""How many times as high as wide a line is that runs downwards."""
LEGIBLE = 0.8
"""Confidence below which a page is tried upside down. Measured: upside down, pages of print have .4 to .7."""
FEW = 3
"""Least number of lines that tell how a page is turned."""
LONG = 4.0
"""How many times as wide as high a line is that tells how askew the page is."""
RULE, STROKE = 0.04, 0.03
"""Shares of the picture's longer side that a ruled line has at least, across and down; strokes of characters are
shorter."""
DARK = 25
"""How much darker than its surroundings ink is, of 255."""


def main() -> None:
    """Recognise pictures until the standard input ends."""
    _step_back()
    with pipes(MEMORY) as way:
        engine: Any = None
        while True:
            task: Task = way.received()
            way.limit_time(task.limits)
            engine = engine or _engine()
            try:
                found: Recognition | None = recognise(task.picture, engine)
            except Exception:  # whatever the libraries raise: the page is named, the others are read
                found = None
            way.send(found)


def _step_back() -> None:
    """Let every other process go first, and be the first to go where memory runs out."""
    import psutil

    me = psutil.Process()
    with contextlib.suppress(psutil.Error, OSError):
        me.nice(getattr(psutil, "IDLE_PRIORITY_CLASS", 19))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")


def _engine() -> Any:
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    return RapidOCR(params=_SETTINGS)


def recognise(picture: Picture, engine: Any) -> Recognition:
    """Return what a picture says, turned so that it can be read."""
    pixels = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width)
    found = _read(pixels, 0, engine)
    if _sideways(found):
        found = _read(pixels, 90, engine)
        return found if found.confidence >= LEGIBLE else max(found, _read(pixels, 270, engine), key=_confidence)
    if len(found.strips) >= FEW and found.confidence < LEGIBLE:
        return max(found, _read(pixels, 180, engine), key=_confidence)
    return found


def _confidence(found: Recognition) -> float:
    return found.confidence


def _sideways(found: Recognition) -> bool:
    """Return whether most of the text runs downwards."""
    down = sum(len(strip.text) for strip in found.strips if strip.height > UPRIGHT * strip.width)
    return len(found.strips) >= FEW and 2 * down > sum(len(strip.text) for strip in found.strips)


def _read(pixels: Pixels, turn: int, engine: Any) -> Recognition:
    """Return what a picture says once it is turned clockwise by so many degrees."""
    upright = np.ascontiguousarray(np.rot90(pixels, -turn // 90))
    height, width = upright.shape
    said = engine(upright)
    if said.txts is None or said.boxes is None:
        return Recognition(width, height, turn, 0.0, ())
    strips = tuple(_strip(*each) for each in zip(said.txts, said.scores, said.boxes, strict=True))
    skew = _skew(strips)
    return Recognition(width, height, turn, skew, strips, _rules(upright, skew))


def _strip(text: str, score: float, box: Any) -> Strip:
    """Return a line; ``box`` has its corners from the upper left one clockwise, each as (x, y)."""
    corners = np.asarray(box, dtype=float)
    across = (corners[1] - corners[0] + corners[2] - corners[3]) / 2
    down = (corners[3] - corners[0] + corners[2] - corners[1]) / 2
    x, y = corners.mean(axis=0)
    slant = math.degrees(math.atan2(across[1], across[0]))
    wide, high = np.hypot(*across), np.hypot(*down)
    x, y, wide, high = (round(float(value), 1) for value in (x, y, wide, high))
    return Strip(text, round(float(score), 4), x, y, wide, high, round(slant, 2))


def _skew(strips: Sequence[Strip]) -> float:
    """Return the slant of the lines in degrees: the median of the long ones, by their length."""
    long = sorted((s.slant, s.width) for s in strips if s.width > LONG * s.height and abs(s.slant) < 45)
    half, sum_ = sum(width for _, width in long) / 2, 0.0
    for slant, width in long:
        sum_ += width
        if sum_ >= half:
            return slant
    return 0.0


def _rules(pixels: Pixels, skew: float) -> tuple[tuple[int, int, int, int], ...]:
    """Return the ruled lines of a picture, as (x0, y0, x1, y1), once it is turned around its middle to be straight."""
    import cv2

    height, width = pixels.shape
    turned = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0)
    straight = cv2.warpAffine(pixels, turned, (width, height), borderValue=255)
    ink = cv2.adaptiveThreshold(straight, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, DARK)
    side = max(width, height)
    found = []
    for shape, least in (((round(STROKE * side), 1), RULE * side), ((1, round(STROKE * side)), STROKE * side)):
        thick = cv2.dilate(ink, np.ones((3, 1) if shape[1] == 1 else (1, 3), np.uint8))  # a line may be stepped
        lines = cv2.morphologyEx(thick, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
        _, _, boxes, _ = cv2.connectedComponentsWithStats(lines)
        for x, y, wide, high, _ in boxes[1:].tolist():
            thin = high if shape[1] == 1 else wide
            if max(wide, high) >= least and thin <= 0.01 * side:
                middle = (y + high // 2) if shape[1] == 1 else (x + wide // 2)
                found.append((x, middle, x + wide, middle) if shape[1] == 1 else (middle, y, middle, y + high))
    return tuple(found)


if __name__ == "__main__":
    main()
