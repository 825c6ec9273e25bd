"""The short form of ``make faults``."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from fault_place import Fault, Place, Skip, served
from faults import FAULTS, suffer
from faults_of_desk import desk_killed

pytestmark = pytest.mark.slow
SHORT = [each for each in FAULTS if each is not desk_killed]
"""All but the one that has a test of its own (desk/test_killed.py)."""


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with served() as made:
        yield made


@pytest.mark.parametrize(
    "fault", [each for each in FAULTS if each is not desk_killed], ids=lambda fault: fault.__name__
)
def test_visitors_do_not_notice(place: Place, fault: Fault) -> None:
    try:
        assert suffer(place, fault, random.Random(20031123), moments=2)
    except Skip as why:
        pytest.skip(str(why))
