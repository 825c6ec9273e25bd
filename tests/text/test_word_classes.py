"""What kind of word a word is, by jieba's dictionary."""

from __future__ import annotations

import pytest

from parkqa.text.word_classes import word_class


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("昆山", "name"),
        ("新加坡", "name"),
        ("书记", "thing"),
        ("幼儿园教师证", "thing"),
        ("成立", ""),
        ("举行", ""),
        ("的", ""),
        ("dock", ""),
        ("", ""),
    ],
)
def test_names_and_things_are_told_from_the_rest(word: str, kind: str) -> None:
    assert word_class(word) == kind
