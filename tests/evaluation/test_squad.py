"""Question sets in SQuAD's format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parkqa.errors import QuestionSetError
from parkqa.evaluation.squad import read_squad

SET = {
    "data": [
        {
            "title": "码头",
            "paragraphs": [
                {
                    "context": "码头长300米。\n它在江边。",
                    "qas": [
                        {"id": "1", "question": "码头多长？", "answers": [{"text": "300米"}, {"text": "长300米"}]},
                        {"id": "2", "question": "它在哪里？", "answers": [{"text": "江边"}]},
                    ],
                },
                {"context": "另一段。", "qas": []},
            ],
        }
    ]
}


def test_paragraphs_become_documents_that_their_questions_name(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps(SET), encoding="utf-8")
    squad = read_squad(path)
    assert [(q.id, q.answers) for q in squad.questions] == [("1", ("300米", "长300米")), ("2", ("江边",))]
    squad.write(tmp_path / "corpus")
    for question in squad.questions:
        text = (tmp_path / "corpus" / question.file).read_text(encoding="utf-8")
        assert all(answer in text for answer in question.answers)
    assert len(list((tmp_path / "corpus").iterdir())) == len(squad.paragraphs) == 2
    assert {paragraph.title for paragraph in squad.paragraphs} == {"码头"}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"data": [{}]}', '{"data": 1}', "null"])
def test_what_is_no_set_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "set.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QuestionSetError, match=r"set\.json"):
        read_squad(path)


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionSetError, match="nothing"):
        read_squad(tmp_path / "nothing.json")
