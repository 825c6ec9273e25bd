"""The questions known to have an answer: those suggested and those of faq.yaml, by the heading of their answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines import corpus, opened
from parkqa.answer import known_questions
from parkqa.engine import Engine

PARK = "name: 试园\nsuggestions:\n  - 码头有多长？\n  - 今晚吃什么？\n"
TEXT = "# 试园概况\n\n## 码头\n\n码头长300米。\n\n## 仓库\n\n仓库有两座。\n"
FAQ = """- questions:
  - 码头几米？
  - How long is the pier?
  document: port.md
  quote: 码头长300米。
- questions:
  - 码头有多长？
  document: port.md
  quote: 码头长300米。
- questions:
  - 今天天气怎么样？
  out_of_scope: true
- questions:
  - 船闸多宽？
  document: port.md
  quote: 船闸宽9米。
"""


@pytest.fixture
def made(tmp_path: Path) -> Engine:
    return opened(corpus(tmp_path, port_md=TEXT, park_yaml=PARK, faq_yaml=FAQ))


def test_only_what_has_an_answer_is_known_each_question_once(made: Engine) -> None:
    known = made.known_questions()
    assert [each.question for each in known] == [
        *made.suggestions,
        *(
            question
            for question in ("码头几米？", "How long is the pier?", "码头有多长？")
            if question not in made.suggestions
        ),
    ]
    assert [each.language for each in known if each.question == "How long is the pier?"] == ["en"]
    assert {each.group for each in known} == {"码头"}


def test_without_a_heading_the_document_names_the_group(tmp_path: Path) -> None:
    faq = "- questions:\n  - 码头几米？\n  document: port.txt\n  quote: 码头长300米。\n"
    (known,) = opened(corpus(tmp_path, port_txt="码头长300米。", faq_yaml=faq)).known_questions()
    assert known.group == opened_title(tmp_path)


def opened_title(folder: Path) -> str:
    from engines import Settings, load_settings

    settings: Settings = load_settings(corpus=folder / "corpus", index=folder / "index")
    return next(iter(opened(settings).documents.values())).title


def test_of_a_long_faq_only_so_many_are_offered(made: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_questions, "MOST", 1)
    assert len([each for each in made.known_questions() if each.question not in made.suggestions]) <= 1


@pytest.mark.slow
def test_english_questions_are_grouped_by_the_translation(engine: Engine) -> None:
    groups = {each.question: each.group for each in engine.known_questions()}
    english = [group for question, group in groups.items() if question.isascii()]
    assert english
    assert all(group.isascii() for group in english)
