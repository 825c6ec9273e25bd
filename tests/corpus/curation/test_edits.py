"""glossary.yaml and faq.yaml are edited with their comments and order kept, and written in one piece."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engines import CORPUS
from parkqa.corpus.curation import edits
from parkqa.corpus.curation.faq import read_faq
from parkqa.corpus.curation.glossary import read_glossary
from parkqa.corpus.curation.park import load_park
from parkqa.errors import ParkFileError

GLOSSARY = (CORPUS / "glossary.yaml").read_text(encoding="utf-8")
HAND = """# 问答
- questions:
  - 甲？    # 常问
  - 乙？
  document: "a.md"
  quote: |
    第一行
    第二行

# 下一条
- questions: [丙]
  out_of_scope: true
  note: 说明
"""
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=12).map(
    str.strip
)


def added(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that an edit took out and put in."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [line[2:] for line in lines if line.startswith("- ")], [line[2:] for line in lines if line.startswith("+ ")]


@pytest.mark.slow
def test_a_synonym_goes_into_the_entry_of_its_word_and_nothing_else_changes() -> None:
    after = edits.with_synonym(GLOSSARY, "新加坡", "坡县")
    assert added(GLOSSARY, after) == (["- terms: [新加坡, 狮城]"], ["- terms: [新加坡, 狮城, 坡县]"])
    english = edits.with_synonym(GLOSSARY, "长江", "long river")
    assert "  en: [yangtze river, yangtze, changjiang, long river]" in added(GLOSSARY, english)[1]


@pytest.mark.slow
@pytest.mark.parametrize(("word", "line"), [("餐吧", "- terms: [码头岸壁, 餐吧]"), ("quay wall", "  en: [quay wall]")])
def test_a_word_of_no_entry_gets_one_at_the_end(word: str, line: str) -> None:
    after = edits.with_synonym(GLOSSARY, "码头岸壁", word)
    assert after.startswith(GLOSSARY)
    assert line in after[len(GLOSSARY) :].splitlines()


def test_what_is_there_already_changes_nothing() -> None:
    assert edits.with_synonym(GLOSSARY, "新加坡", "獅城") == GLOSSARY


def test_an_answer_is_appended_and_comments_stay(tmp_path: Path) -> None:
    after = edits.with_answer(HAND, ["丁?", "yes"], "b.md", '他说"好": #1\n第二行', 2)
    assert added(HAND, after)[0] == []
    (tmp_path / "faq.yaml").write_text(after, encoding="utf-8")
    last = read_faq(tmp_path)[-1]
    assert (last.questions, last.document, last.quote, last.occurrence) == (
        ("丁?", "yes"),
        "b.md",
        '他说"好": #1\n第二行',
        2,
    )


def test_what_is_told_anew_is_taken_out_where_it_stood(tmp_path: Path) -> None:
    after = edits.with_refusal(HAND, ["乙?", "丙"])
    (tmp_path / "faq.yaml").write_text(after, encoding="utf-8")
    first, second = read_faq(tmp_path)
    assert (first.questions, first.quote) == (("甲？",), "第一行\n第二行")
    assert (second.questions, second.document) == (("乙?", "丙"), "")
    assert "# 问答" in after and "# 常问" in after


@pytest.mark.parametrize("before", ["", "# 还没有\n", "# 还没有"])
def test_a_file_of_comments_keeps_them(tmp_path: Path, before: str) -> None:
    after = edits.with_refusal(before, ["天气？"])
    assert after.startswith(before)
    (tmp_path / "faq.yaml").write_text(after, encoding="utf-8")
    assert read_faq(tmp_path)[0].questions == ("天气？",)


@pytest.mark.slow
@given(WORDS.filter(bool), WORDS.filter(bool))
def test_any_words_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, one: str, other: str) -> None:
    folder = tmp_path_factory.mktemp("edits")
    (folder / "faq.yaml").write_text(edits.with_answer(HAND, [one], "a.md", other), encoding="utf-8")
    last = read_faq(folder)[-1]
    assert (last.questions, last.quote) == ((one,), other)
    made = yaml.safe_load(edits.with_synonym("# 词表\n", one, other))[0]
    assert [*made["terms"], *made.get("en", ())] == [one, other]


@pytest.mark.parametrize("word", ["no", "12:30", "2003", "{x}", "a, b", "- y", "# z", "null", "'"])
def test_a_word_that_yaml_would_take_for_something_else_stays_a_word(tmp_path: Path, word: str) -> None:
    short = "# 词表\n- terms: [新加坡, 狮城]\n  en: [singapore]\n"
    (tmp_path / "glossary.yaml").write_text(edits.with_synonym(short, "新加坡", word), encoding="utf-8")
    assert word in read_glossary(tmp_path).meanings["新加坡"]


def test_saving_keeps_line_ends_and_mode_and_leaves_nothing_behind(tmp_path: Path) -> None:
    place = tmp_path / "faq.yaml"
    place.write_bytes(b"# a\r\n")
    place.chmod(0o640)
    edits.save(place, edits.read(place), "# a\n# b\n")
    assert place.read_bytes() == b"# a\r\n# b\r\n"
    assert place.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [place]


def test_what_was_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    place = tmp_path / "faq.yaml"
    place.write_text("# 别人改的\n", encoding="utf-8")
    with pytest.raises(ParkFileError, match="改过"):
        edits.save(place, "", "# 我的\n")
    assert edits.read(place) == "# 别人改的\n"


def test_what_cannot_be_written_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "faq.yaml"
    place.write_text("# 原来的\n", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ParkFileError, match="No space left"):
        edits.save(place, "# 原来的\n", "# 新的\n")
    assert edits.read(place) == "# 原来的\n"
    assert list(tmp_path.iterdir()) == [place]


PARK = '# 园区\nname: 园区 # 名称\nsuggestions:\n  - 甲？ # 问\ncolour: "#0b6b76"\n'


@pytest.mark.parametrize("text", ["", "# 只有注释\n", PARK, "documents:\n  b.pdf: {title: 乙} # 旁注\n"])
@pytest.mark.parametrize("name", ["招商/手册.pdf", "a: b.md", "123.md", "- x.md"])
def test_particulars_come_and_go_and_the_rest_stays(tmp_path: Path, text: str, name: str) -> None:
    values = {"title": "12", "date": "2024-05-01", "valid_until": "2026-12-31", "staff_only": True}
    made = edits.with_particulars(text, name, values)
    assert made.startswith(text) or "旁注" in made
    (tmp_path / "park.yaml").write_text(made, encoding="utf-8")
    assert load_park(tmp_path).documents[name] == values | {"staff_only": "true"}
    new = edits.with_renamed_particulars(made, name, "新: 名.pdf")
    (tmp_path / "park.yaml").write_text(new, encoding="utf-8")
    assert load_park(tmp_path).documents["新: 名.pdf"]["title"] == "12"
    gone = dict.fromkeys(values, "")
    assert edits.with_particulars(new, "新: 名.pdf", gone) == text


def test_what_others_say_of_a_document_is_kept(tmp_path: Path) -> None:
    text = "documents:\n  a.pdf:\n    title: 甲 # 旁注\n    date: 2024-01-01\n"
    assert edits.with_particulars(text, "a.pdf", {"date": ""}) == "documents:\n  a.pdf:\n    title: 甲 # 旁注\n"
    assert edits.with_renamed_particulars(text, "b.pdf", "c.pdf") == text


def test_answers_follow_the_name_of_their_document() -> None:
    text = (
        "# 问\n- questions: [甲？]\n  document: a.md # 旁注\n  quote: 乙\n- questions: [丙？]\n  out_of_scope: true\n"
    )
    assert edits.with_renamed_answers(text, "a.md", "b.md") == text.replace("a.md", '"b.md"')
    assert edits.with_renamed_answers(text, "x.md", "b.md") == text


@pytest.mark.parametrize("word", ["2024-13-45", "2026-02-30", "2026-05-01T99:99:99", "0x_", "~"])
def test_a_word_that_yaml_takes_for_a_value_is_quoted(tmp_path: Path, word: str) -> None:
    (tmp_path / "park.yaml").write_text(edits.with_particulars("", "a.pdf", {"title": word}), encoding="utf-8")
    assert load_park(tmp_path).documents["a.pdf"]["title"] == word
    assert f'"{word}"' in edits.with_synonym("", "园区", word)


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", "a: 1\na: 2\n", "founded: 2024-13-45\n"])
def test_a_park_file_that_is_none_is_not_edited(text: str) -> None:
    with pytest.raises(edits.BadEdit):
        edits.with_particulars(text, "a.pdf", {"title": "x"})
