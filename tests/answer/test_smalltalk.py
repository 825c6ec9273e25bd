"""Our own words to what is no question: fixed, in the visitor's language, and never a claim about the park."""

from __future__ import annotations

from typing import get_args

import pytest

from parkqa.answer.smalltalk import smalltalk, suggests
from parkqa.query.talk_words import Talk
from parkqa.text.characters import HANZI


@pytest.mark.parametrize("kind", get_args(Talk))
def test_each_kind_has_a_reply_in_both_languages_that_claims_nothing(kind: Talk) -> None:
    chinese, english = smalltalk(kind, "zh"), smalltalk(kind, "en")
    assert HANZI.search(chinese)
    assert not HANZI.search(english)
    assert not any(claim in chinese + english for claim in ("成立", "造船", "2003", "founded"))


def test_only_the_help_goes_with_suggestions() -> None:
    assert {kind for kind in get_args(Talk) if suggests(kind)} == {"help", "nothing", "next", "again"}


def test_who_asks_for_a_person_is_given_the_contact_as_ours_or_told_that_there_is_none() -> None:
    assert smalltalk("person", "zh", "招商局 0523-1234").endswith("：招商局 0523-1234")
    assert "不是资料原文" in smalltalk("person", "zh", "招商局 0523-1234")
    assert "not a quotation" in smalltalk("person", "en", "0523-1234")
    assert "{" in smalltalk("person", "en", "{x} {0}")
    assert "联系不到真人" in smalltalk("person", "zh")
    assert "No person" in smalltalk("person", "en")
