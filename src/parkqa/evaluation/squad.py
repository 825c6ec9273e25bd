"""Reads question sets in SQuAD format (CMRC 2018, DRCD, XQuAD); each paragraph becomes one document of a corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parkqa.errors import QuestionSetError


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``file`` is its file name in the corpus, ``title`` that of its article."""

    file: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A question, the ``file`` of the paragraph that answers it, and the accepted answers."""

    id: str
    question: str
    file: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Squad:
    """A question set with the paragraphs it is about."""

    paragraphs: tuple[Paragraph, ...]
    questions: tuple[SquadQuestion, ...]

    def write(self, corpus: Path) -> None:
        """Write each paragraph as a UTF-8 text file into the folder ``corpus``, created if missing."""
        corpus.mkdir(parents=True, exist_ok=True)
        for paragraph in self.paragraphs:
            (corpus / paragraph.file).write_text(paragraph.text, encoding="utf-8")


def read_squad(path: Path) -> Squad:
    """Read the JSON file of a SQuAD-format set.

    Raises:
        QuestionSetError: the file is missing or has another format.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        entries = list(_entries(raw))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise QuestionSetError(
            path, 0, "这不是 SQuAD 格式的题目文件。", "This is not a question set in SQuAD's format."
        ) from error
    paragraphs, questions = [], []
    for number, (title, text, asked) in enumerate(entries):
        file = f"p{number:05d}.txt"
        paragraphs.append(Paragraph(file, title, text))
        questions += [SquadQuestion(name, question, file, answers) for name, question, answers in asked]
    return Squad(tuple(paragraphs), tuple(questions))


def _entries(raw: Any) -> Iterator[tuple[str, str, list[tuple[str, str, tuple[str, ...]]]]]:
    for article in raw["data"]:
        for paragraph in article["paragraphs"]:
            asked = [(q["id"], q["question"], tuple(a["text"] for a in q["answers"])) for q in paragraph["qas"]]
            yield article.get("title", ""), paragraph["context"], asked
