"""What stands above a passage, and which of its parts are searched on their own."""

from __future__ import annotations

from dataclasses import replace

from parkqa.corpus.formats import READERS
from parkqa.corpus.passages import LONG_PIECE, context, identity, part, pieces
from parkqa.corpus.splitting import split
from parkqa.types import Document, Passage


def document(source: str, path: str = "a.md") -> Document:
    draft = READERS[".md"](source)
    return Document(path, "题", draft.text, "", draft.blocks)


def passages(source: str) -> tuple[Passage, ...]:
    return split(document(source))


def test_what_is_embedded_is_the_heading_path_and_the_text() -> None:
    first, second = passages("一。\n\n# 甲\n\n## 乙\n\n二。")
    assert context(first) == "一。"
    assert context(second) == "甲 › 乙\n二。"
    assert context(replace(first, title="题")) == "题\n一。"
    assert context(replace(second, title="题")) == "题 › 甲 › 乙\n二。"


def test_an_id_changes_with_the_path_the_place_and_the_text() -> None:
    given = document("一。\n\n二。")
    ids = {
        identity(given, 0, 2),
        identity(given, 3, 5),
        identity(replace(given, path="b.md"), 0, 2),
        identity(replace(given, text="三。\n\n二。"), 0, 2),
    }
    assert len(ids) == 4
    assert identity(document("一。\n\n二。"), 0, 2) in ids


def test_the_clauses_of_a_long_sentence_are_searched_too_and_no_others() -> None:
    long = "园区拥有长江岸线，" * 9 + "是制造基地。"
    (passage,) = passages(f"园区，成立了。{long}")
    assert len(long) > LONG_PIECE
    sentences, clauses = pieces(passage)[:2], pieces(passage)[2:]
    assert [part(passage, span) for _, span in sentences] == ["园区，成立了。", long]
    assert len(clauses) > 1
    assert {number for number, _ in clauses} == {1}
    assert "".join(part(passage, span) for _, span in clauses) == long


def test_the_items_of_a_list_are_not_taken_apart() -> None:
    item = "园区拥有长江岸线，" * 3 + "是制造基地"
    (passage,) = passages("\n".join(f"- {item}{number}" for number in range(3)))
    assert passage.kind == "list"
    assert len(pieces(passage)) == len(passage.spans) == 3
