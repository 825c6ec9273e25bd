"""Draws the report's charts as inline SVG.

Fills are grey or hatched, so that the series stay distinct on a black-and-white printer.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parkqa.errors import ParkqaError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONTS = ["PingFang SC", "Microsoft YaHei", "Noto Sans HAN SC", "Noto Sans HAN JP", "DejaVu Sans", "sans-serif"]
FILLS = (("#444444", ""), ("#ffffff", "////"), ("#bbbbbb", ".."))
"""Face colour and hatch pattern of the first, second and third series."""
_INCHES, _BAR_INCHES = 7.2, 0.36


def columns(labels: Sequence[str], series: Mapping[str, Sequence[int]], axis: str) -> str:
    """Return a stacked column chart as an SVG element.

    ``labels`` are the column labels; ``series`` maps the name of each series (at most three) to its count per label;
    ``axis`` is the title of the horizontal axis.

    Raises:
        ParkqaError: matplotlib is not installed.
    """

    def paint(axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        below = [0] * len(labels)
        places = list(range(len(labels)))
        for (name, counts), (face, hatch) in zip(series.items(), FILLS, strict=False):
            axes.bar(
                places, counts, bottom=below, label=name, color=face, hatch=hatch, edgecolor="black", linewidth=0.6
            )
            below = [low + count for low, count in zip(below, counts, strict=True)]
        step = -(-len(labels) // 24)
        axes.set_xticks(places[::step], labels[::step])
        axes.set_xlabel(axis)
        axes.set_ylim(0, max([*below, 1]) * 1.35)  # room for the legend
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        if len(series) > 1:
            axes.legend(frameon=False, ncols=len(series), loc="upper left")

    return _svg(paint, 2.6, foot=0.46)


def rows(counts: Mapping[str, int]) -> str:
    """Return a horizontal bar chart as an SVG element: one bar per name, the first on top, labelled with its count.

    Raises:
        ParkqaError: matplotlib is not installed.
    """

    def paint(axes: Axes) -> None:
        names = list(counts)[::-1]
        places = range(len(names))
        face, hatch = FILLS[0]
        drawn = axes.barh(places, [counts[name] for name in names], color=face, hatch=hatch, edgecolor="black")
        axes.bar_label(drawn, padding=4)
        axes.set_yticks(places, names)
        axes.set_xticks([])
        axes.set_xlim(0, max([*counts.values(), 1]) * 1.15)
        axes.spines[["bottom"]].set_visible(False)

    return _svg(paint, 0.1 + _BAR_INCHES * len(counts), foot=0.05)


def _svg(paint: Callable[[Axes], None], inches: float, foot: float) -> str:
    """Render a figure ``inches`` high, of which ``foot`` inches are reserved below the axis for labels.

    Text is kept as text elements rather than paths: it stays searchable, and no font has to be embedded.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ParkqaError(
            "画图需要 matplotlib，请先运行 pip install -c constraints.txt -e '.[report]'。",
            "The charts need matplotlib: run pip install -c constraints.txt -e '.[report]'.",
        ) from error
    style: dict[Any, Any] = {
        "font.family": FONTS,
        "font.size": 10,
        "svg.fonttype": "none",
        "svg.hashsalt": "parkqa",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "hatch.linewidth": 0.6,
    }
    # Silence warnings about missing fonts and glyphs: the reader's browser draws the text with its own fonts.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.CRITICAL)
    with matplotlib.rc_context(style), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        figure = Figure(figsize=(_INCHES, inches))
        axes = figure.add_axes((0.12, foot / inches, 0.86, 1 - (foot + 0.05) / inches))
        paint(axes)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    markup = drawn.getvalue()
    return markup[markup.index("<svg") :]
