"""Keyboards and touch screens, as Linux lists them in /proc/bus/input/devices."""

from __future__ import annotations

from pathlib import Path

import pytest

from parkqa.cli import check_stand, input_devices
from parkqa.cli.input_devices import Devices, devices, of_linux
from parkqa.settings import load_settings

KEYBOARD = """I: Bus=0011 Vendor=0001 Product=0001 Version=ab41
N: Name="AT Translated Set 2 keyboard"
H: Handlers=sysrq kbd event3 leds
B: PROP=0
B: EV=120013
B: KEY=402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe
"""
POWER = 'I: Bus=0019\nN: Name="Power Button"\nH: Handlers=kbd event0\nB: PROP=0\nB: EV=3\nB: KEY=10000000000000 0\n'
TOUCH = 'I: Bus=0018\nN: Name="ELAN Touchscreen"\nB: PROP=2\nB: EV=b\nB: KEY=400 0 0 0 0 0\nB: ABS=260800000000003\n'
PAD = 'I: Bus=0018\nN: Name="Touchpad"\nB: PROP=5\nB: EV=b\nB: KEY=e520 10000 0 0 0 0\n'


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ("\n".join((POWER, KEYBOARD, PAD)), Devices(True, False)),
        ("\n".join((POWER, TOUCH)), Devices(False, True)),
        ("\n".join((KEYBOARD, TOUCH)), Devices(True, True)),
        (POWER, Devices(False, False)),
        ("", Devices(None, None)),
    ],
)
def test_what_linux_lists(listed: str, found: Devices) -> None:
    assert of_linux(listed) == found


def test_a_system_without_the_list_tells_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(input_devices, "LINUX", tmp_path / "missing")
    monkeypatch.setattr(input_devices.sys, "platform", "darwin")
    assert devices() == Devices(None, None)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Devices(True, True), "拼音键盘"),
        (Devices(True, False), "没有触摸屏"),
        (Devices(None, None), "看不出"),
        (Devices(False, False), "没有触摸屏"),
    ],
)
def test_the_check_says_how_visitors_will_type(found: Devices, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_stand, "devices", lambda: found)
    assert words in check_stand._input(load_settings()).zh
