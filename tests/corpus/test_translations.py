"""A translation is aligned block by block, searched for English questions, and never quoted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engines import CORPUS
from parkqa.corpus.documents import read_document
from parkqa.corpus.splitting import split
from parkqa.corpus.translations import aligned, translate
from parkqa.engine import Engine
from parkqa.errors import DocumentError
from parkqa.settings import load_settings
from parkqa.types import Document
from stubs import StubEncoder

ZH = (
    "---\ntitle: 介绍\n---\n园区很大。它在江边。\n\n## 产业\n\n- 造船\n- 钢构\n\n"
    "## 大事记\n\n- 2003年成立。\n- 2005年落户。\n"
)
EN = (
    "---\ntitle: Introduction\ntranslation_of: a.md\n---\nThe park is large. It lies on the river.\n\n## Industries\n\n"
    "- Shipbuilding\n- Steel structures\n\n## Chronicle\n\n- 2003: founded.\n- 2005: first project.\n"
)


def read(folder: Path, name: str, text: str) -> Document:
    (folder / name).write_text(text, encoding="utf-8")
    return read_document(folder / name, folder)


def test_each_passage_gets_the_one_that_says_the_same(tmp_path: Path) -> None:
    original, translation = read(tmp_path, "a.md", ZH), read(tmp_path, "a.en.md", EN)
    aligned(original, translation)
    passages = split(original)
    pairs = {mine.text: other for mine, other in zip(passages, translate(passages, original, translation), strict=True)}
    assert pairs["造船\n钢构"].text == "Shipbuilding\nSteel structures"
    assert pairs["造船\n钢构"].heading == ("Industries",)
    assert pairs["2005年落户。"].text == "2005: first project."
    for passage, other in zip(passages, pairs.values(), strict=True):
        assert other.original == passage.id
        assert other.text == translation.text[other.start : other.end]
        assert len(other.spans) == len(passage.spans)


def test_a_question_is_translated_with_its_answer(tmp_path: Path) -> None:
    original = read(tmp_path, "a.md", "# 问答\n\n有食堂吗？\n\n有，在一楼。\n\n需要带：\n\n- 身份证\n- 照片\n")
    english = "# Questions\n\nIs there a canteen?\n\nYes, downstairs.\n\nPlease bring:\n\n- an ID card\n- a photo\n"
    translation = read(tmp_path, "a.en.md", f"---\ntranslation_of: a.md\n---\n{english}")
    found = translate(split(original), original, translation)
    assert [(each.heading, each.text) for each in found] == [
        (("Questions", "Is there a canteen?"), "Yes, downstairs."),
        (("Questions",), "Please bring:\nan ID card\na photo"),
    ]


def test_a_part_of_a_paragraph_gets_its_own_sentences(tmp_path: Path) -> None:
    long = "".join(f"第{number}句话说的是园区的一件事情，说得很长很长，为的是要分开。" for number in range(30))
    other = " ".join(f"Sentence {number} tells of the park." for number in range(30))
    original = read(tmp_path, "a.md", long)
    translation = read(tmp_path, "a.en.md", f"---\ntranslation_of: a.md\n---\n{other}")
    passages = split(original)
    assert len(passages) > 1
    for passage, there in zip(passages, translate(passages, original, translation), strict=True):
        first = passage.text[1 : passage.text.index("句")]
        assert there.text.startswith(f"Sentence {first} ")
        assert len(there.spans) == len(passage.spans)


@pytest.mark.parametrize(
    ("changed", "number"),
    [(("## Industries\n\n", ""), 2), (("- 2005: first project.\n", ""), 7), (("## Chronicle", "# Chronicle"), 5)],
)
def test_the_first_block_that_differs_is_named(tmp_path: Path, changed: tuple[str, str], number: int) -> None:
    original = read(tmp_path, "a.md", ZH)
    with pytest.raises(DocumentError, match=rf"a\.en\.md.*block {number} "):
        aligned(original, read(tmp_path, "a.en.md", EN.replace(*changed)))


def built(folder: Path) -> tuple[Engine, tuple[str, ...]]:
    settings = load_settings(corpus=folder / "corpus", index=folder / "index")
    report = Engine.build(settings, encoder=StubEncoder())
    return Engine.open(settings, StubEncoder()), report.failed


def test_an_english_question_quotes_the_original_with_the_translation(tmp_path: Path) -> None:
    shutil.copytree(CORPUS, tmp_path / "corpus")
    engine, failed = built(tmp_path)
    assert failed == ()
    answer = engine.ask("When was the Jiangsu Jiangyin-Jingjiang Industrial Park founded?")
    for quote in (*answer.quotes, *answer.related):
        assert engine.documents[quote.document].translation_of is None
        assert quote.text == engine.documents[quote.document].text[quote.start : quote.end]
        assert quote.translation
        assert quote.translation.isascii()


@pytest.mark.slow
def test_a_chinese_question_finds_originals_only_and_gets_their_translation_too(tmp_path: Path) -> None:
    shutil.copytree(CORPUS, tmp_path / "corpus")
    engine, _ = built(tmp_path)
    answer = engine.ask("园区什么时候成立的？")
    found = (*answer.quotes, *answer.related)
    assert found
    assert all(quote.document == "jiangyin-jingjiang-park.md" for quote in found)


@pytest.mark.parametrize("of", ["nothing.md", "a.en.md"])
def test_a_misaligned_or_lost_translation_is_left_out_and_named(tmp_path: Path, of: str) -> None:
    (tmp_path / "corpus").mkdir()
    read(tmp_path / "corpus", "a.md", ZH)
    read(tmp_path / "corpus", "a.en.md", EN.replace("translation_of: a.md", f"translation_of: {of}"))
    engine, failed = built(tmp_path)
    assert len(failed) == 1
    assert failed[0].startswith("a.en.md")
    assert set(engine.documents) == {"a.md"}
    assert engine.ask("造船").quotes == () or engine.ask("造船").quotes[0].translation is None


def test_a_translation_in_a_folder_names_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "corpus" / "park").mkdir(parents=True)
    read(tmp_path / "corpus" / "park", "a.md", ZH)
    read(tmp_path / "corpus" / "park", "a.en.md", EN)
    engine, failed = built(tmp_path)
    assert failed == ()
    assert set(engine.documents) == {"park/a.md", "park/a.en.md"}
