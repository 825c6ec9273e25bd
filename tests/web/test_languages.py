"""Which language a reader gets, and what is converted into Traditional Chinese."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkqa.types import Answer
from parkqa.web.languages import Tongue, chosen, of_answer, tongue


@pytest.mark.parametrize(
    ("accept", "asked", "expected"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "", "zh-CN"),
        ("en;q=0.5,zh-TW;q=0.9", "", "zh-TW"),
        ("zh-Hant", "", "zh-TW"),
        ("zh-MO", "", "zh-TW"),
        ("zh-SG", "", "zh-CN"),
        ("ja", "", "en"),
        ("de-DE,de;q=0.9", "", "en"),
        ("ko,zh;q=0.3", "", "zh-CN"),
        ("zh-CN", "en", "en"),
        ("en", "zh-TW", "zh-TW"),
        ("en", "tlh", "en"),
        ("", "", "zh-CN"),
        ("*", "", "zh-CN"),
        ("zhx, enough", "", "en"),
        ("en;q=0..5", "", "zh-CN"),
        ("en;q=.", "", "zh-CN"),
        ("en;q=.,zh;q=nan", "", "zh-CN"),
        ("en;q=99999,zh-TW;q=1.000", "", "zh-TW"),
        ("zh" + " " * 60_000 + "!", "", "zh-CN"),
        ("a" * 60_000 + "!", "", "en"),
        (",".join(["fr"] * 40 + ["zh"] * 9000), "", "zh-CN"),
    ],
)
def test_the_first_language_that_the_pages_have_is_taken(accept: str, asked: str, expected: Tongue) -> None:
    assert tongue(accept, asked) == expected


@given(st.text(max_size=40), st.text(max_size=16))
def test_whatever_a_browser_says_is_some_language(accept: str, asked: str) -> None:
    assert tongue(accept, asked) in ("zh-CN", "zh-TW", "en")


@pytest.mark.parametrize(
    ("understood", "page", "expected"),
    [
        ("园区在哪里？", "zh-CN", "zh-CN"),
        ("园区在哪里？", "zh-TW", "zh-TW"),
        ("园区在哪里？", "en", "zh-CN"),
        ("Where is the park?", "zh-TW", "en"),
    ],
)
def test_an_answer_is_in_the_language_of_its_question(understood: str, page: Tongue, expected: Tongue) -> None:
    answer = Answer(None, "a", "yuanqu zai nali", understood, (), "refusal", "", 0.0, (), (), (), 1.0)
    assert of_answer(answer, page) == expected


def test_words_are_chosen_by_language() -> None:
    assert [chosen("园区", "park", reader) for reader in ("zh-CN", "zh-TW", "en")] == ["园区", "園區", "park"]
