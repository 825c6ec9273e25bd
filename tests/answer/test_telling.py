"""What only repeats a question, and what tells of something else by a long name, does not tell what is asked for."""

from __future__ import annotations

import pytest

from parkqa.answer.telling import is_of_another_name, only_repeats
from parkqa.corpus.curation.glossary import glossary
from parkqa.query.understanding import understand
from parkqa.query.vocabulary import learn
from parkqa.types import Query

NAMES = ("省现代物流示范基地", "物流示范基地")
LORE = learn([], glossary(dict.fromkeys(NAMES, NAMES)), ())


def parsed(question: str) -> Query:
    return understand(question, (), LORE)


@pytest.mark.parametrize(
    ("question", "text", "repeats"),
    [
        ("江花公园在哪里？", "江花公园", True),
        ("江花公园的面积有多大？", "江花公园", True),
        ("江花公园是哪年建的？", "“江花公园”", True),
        ("江花公园在哪里？", "江花公园（江边）", False),
        ("有没有江花公园？", "江花公园", False),
        ("这里有江花公园吗？", "江花公园", False),
        ("有哪个公园？", "江花公园", False),
        ("江花公园", "江花公园", False),
        ("江花公园在哪里？", "", False),
    ],
)
def test_a_caption_tells_that_there_is_something_and_no_value_of_it(question: str, text: str, repeats: bool) -> None:
    assert only_repeats(parsed(question), text) is repeats


@pytest.mark.parametrize(
    ("question", "text", "other"),
    [
        ("哪年获评省现代物流示范基地？", "2017年获评省新型工业化示范基地", True),
        ("哪年获评省现代物流示范基地？", "2012年获评物流示范基地", False),
        ("省现代物流示范基地是什么？", "2017年获评省新型工业化示范基地", False),
        ("哪年建的园区？", "2017年获评省新型工业化示范基地", False),
    ],
)
def test_the_year_of_another_honour_is_not_that_of_the_one_named(question: str, text: str, other: bool) -> None:
    assert is_of_another_name(parsed(question), text) is other
