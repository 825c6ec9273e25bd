"""A park may have any colour: what is written on it and in it can be read."""

from __future__ import annotations

import re

import pytest

from parkqa.web import colours

DIGITS = re.compile(r"--pq-([a-z-]+):#([0-9a-f]{3,6})")
LIGHT = ("#f4f7f8", "#fff5dc", "#ffffff")
DARK = ("#0e171a", "#162226", "#2b2412")
"""The grounds of parkqa.css that links stand on."""


def luminance(colour: str) -> float:
    """By WCAG's own definition."""
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = [part / 255 for part in bytes.fromhex(digits)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    "colour", ["#0b6b76", "#000", "#fff", "#ffd400", "#f00", "#00f", "#0f0", "#7f7f7f", "#E60012", "#8fd3f4", "#123456"]
)
def test_every_colour_can_be_read(colour: str) -> None:
    shades = {name: f"#{digits}" for name, digits in DIGITS.findall(colours.style(colour).lower())}
    assert shades["accent"] == colour.lower()
    assert contrast(shades["accent"], shades["on-accent"]) >= 4.5
    assert min(contrast(shades["deep"], ground) for ground in LIGHT) >= 4.5
    assert min(contrast(shades["pale"], ground) for ground in DARK) >= 4.5


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert "--pq-deep:#0b6b76" in colours.style("#0b6b76")
    assert "--pq-pale:#ffd400" in colours.style("#ffd400")
