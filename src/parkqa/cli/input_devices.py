"""Which keyboards and touch screens this machine has, as far as its system tells."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

LINUX = Path("/proc/bus/input/devices")
_DIRECT = 0b10
"""INPUT_PROP_DIRECT of Linux: what is touched is the screen itself, and not a touch pad."""
_Q_TO_P = 0x3FF << 16
"""The bits of KEY_Q to KEY_P of Linux (16 to 25), all of which a keyboard has, and a power button or mouse none."""
_DIGITIZER, _TOUCH, _READY = 94, 0b11, 0x80
"""Windows: SM_DIGITIZER, its NID_INTEGRATED_TOUCH and NID_EXTERNAL_TOUCH, and its NID_READY."""


@dataclass(frozen=True, slots=True)
class Devices:
    """Whether there is a keyboard and a touch screen; None where the system does not tell."""

    keyboard: bool | None = None
    touch: bool | None = None


def devices() -> Devices:
    """Return the input devices of this machine."""
    if sys.platform == "win32":
        return _of_windows()
    try:
        return of_linux(LINUX.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return Devices()


def of_linux(listed: str) -> Devices:
    """Return what the text of ``/proc/bus/input/devices`` tells; an empty list, as containers have it, tells nothing.

    >>> of_linux("N: Name=x\\nB: PROP=2\\nB: EV=b\\nB: KEY=400 0 0 0 0 0\\n")
    Devices(keyboard=False, touch=True)
    """
    found = [_bits(block) for block in listed.split("\n\n") if block.strip()]
    if not found:
        return Devices()
    return Devices(
        any(bits.get("KEY", 0) & _Q_TO_P == _Q_TO_P for bits in found),
        any(bits.get("PROP", 0) & _DIRECT for bits in found),
    )


def _bits(block: str) -> dict[str, int]:
    """The bit masks of a device by name: of several words only the last, which has the lowest bits."""
    masks = (line[3:].split("=", 1) for line in block.splitlines() if line.startswith("B: ") and "=" in line)
    return {name: int(words.split()[-1], 16) for name, words in masks if words.strip()}


def _of_windows() -> Devices:
    import ctypes

    state: int = ctypes.WinDLL("user32").GetSystemMetrics(_DIGITIZER)  # type: ignore[attr-defined,unused-ignore]
    return Devices(None, bool(state & _READY and state & _TOUCH))
