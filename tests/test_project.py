"""The project file and the pins agree, so that every machine installs the same versions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
WHOLE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = WHOLE["project"]
LINES = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PINS = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in LINES) if version}
NEEDED = [*PROJECT["dependencies"], *(line for extra in PROJECT["optional-dependencies"].values() for line in extra)]


@pytest.mark.parametrize("needed", NEEDED)
def test_every_dependency_is_pinned_within_its_range(needed: str) -> None:
    requirement = Requirement(needed)
    assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])


def test_every_pin_is_an_exact_version_for_any_machine() -> None:
    pins = [line for line in LINES if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_no_pin_belongs_to_a_graphics_card() -> None:
    assert [name for name in PINS if name.startswith(("nvidia", "cuda", "triton"))] == []


def test_what_is_no_program_is_packed_into_the_wheel_too() -> None:
    package = ROOT / "src/parkqa"
    packed = {path for line in WHOLE["tool"]["setuptools"]["package-data"]["parkqa"] for path in package.glob(line)}
    there = {path for path in package.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}
    assert there - packed == set()
