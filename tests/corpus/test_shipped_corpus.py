"""The park's own document is its source text, word for word; nobody can edit a word unnoticed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from parkqa.corpus.documents import read_corpus, read_document
from parkqa.corpus.splitting import split
from parkqa.types import Document, Passage
from paths import TESTS

HERE = TESTS
CORPUS = HERE.parent / "corpus"
FILE = "jiangyin-jingjiang-park.md"
TRANSLATION = "jiangyin-jingjiang-park.en.md"
SOURCE_SHA256 = "530d029b0baea5662f5f9d257d8a0f057d4805faaecd5801f9ff24a8dda0ff06"
"""Of park_source.txt as it was given with the project."""


@pytest.fixture(scope="module")
def source() -> str:
    return (HERE / "data" / "park_source.txt").read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def park() -> Document:
    (document,) = (each for each in read_corpus(CORPUS).documents if each.translation_of is None)
    return document


@pytest.fixture(scope="module")
def passages(park: Document) -> tuple[Passage, ...]:
    return split(park)


def texts(park: Document, kind: str) -> list[str]:
    return [park.text[block.start : block.end] for block in park.blocks if block.kind == kind]


def test_the_source_is_as_it_was_given() -> None:
    assert hashlib.sha256((HERE / "data" / "park_source.txt").read_bytes()).hexdigest() == SOURCE_SHA256


def test_without_its_markup_the_document_is_the_source(park: Document, source: str) -> None:
    assert park.text == source
    assert park.sha256 == SOURCE_SHA256


@pytest.mark.parametrize(
    ("word", "edited"),
    [
        ("江阴一靖江", "江阴—靖江"),
        ("工商开销", "工业开票"),
        ("2003年8月29日,", "2003年8月29日，"),
        ("园区(上海)", "园区（上海）"),
        ("<长江三角洲", "〈长江三角洲"),
        ("- 中建钢构\n", ""),
        ("## 新兴产业\n", ""),
        ("## 夯实基础,推动产业扩链升级", "夯实基础, 推动产业扩链升级"),
        ("和美社区。", "和美社区。\n\n新的一段。"),
    ],
)
def test_an_edit_is_noticed(tmp_path: Path, word: str, edited: str) -> None:
    markdown = (CORPUS / FILE).read_text(encoding="utf-8")
    assert word in markdown
    (tmp_path / FILE).write_text(markdown.replace(word, edited, 1), encoding="utf-8")
    assert read_document(tmp_path / FILE, tmp_path).sha256 != SOURCE_SHA256


def test_the_slips_of_the_source_are_kept(park: Document) -> None:
    assert park.text.count("江阴一靖江") == 2
    assert park.text.count("江阴—靖江") == 4
    assert "2026年园区工商开销达到千亿规模" in park.text


def test_it_and_its_translation_are_the_corpus_and_all_of_it_is_read() -> None:
    corpus = read_corpus(CORPUS)
    assert {d.path: d.translation_of for d in corpus.documents} == {FILE: None, TRANSLATION: FILE}
    assert (corpus.skipped, corpus.failed) == ((), ())


def test_its_front_matter_gives_title_and_year(park: Document) -> None:
    assert (park.title, park.date) == ("园区介绍", "2024")
    assert (park.valid_until, park.translation_of, park.also_in) == (None, None, ())


def test_the_captions_at_its_head_are_captions(park: Document, source: str) -> None:
    captions = texts(park, "caption")
    assert (captions[0], captions[-1]) == ("联检大楼", "我的名片")
    assert captions == source.split("\n")[:11]
    assert [block.kind for block in park.blocks[:12]] == ["caption"] * 11 + ["paragraph"]


def test_its_headings_are_headings(park: Document) -> None:
    assert texts(park, "heading") == [
        *["重点荣誉", "主导产业", "新兴产业", "大事记"],
        *[
            "夯实基础,推动产业扩链升级",
            "深化改革,打造优质营商环境",
            "聚力创新,激发澎湃科创动能",
            "以人为本,不断提升民生福祉",
        ],
    ]


@pytest.mark.parametrize(
    ("heading", "items"),
    [
        (
            "重点荣誉",
            "中国民营造船基地 中国重钢结构产业基地 中国影响力创新力成长力百强园区 长三角最强中国制造产业集聚区 "
            "江苏省现代物流基地 江苏省新型工业化产业示范基地",
        ),
        ("主导产业", "船舶制造 高精钢构 冶金新材料 机械装备 汽车零部件 港口物流"),
        ("新兴产业", "高端装备 新能源 智能制造 节能环保"),
    ],
)
def test_a_list_under_its_heading_is_one_passage(
    park: Document, passages: tuple[Passage, ...], heading: str, items: str
) -> None:
    (found,) = [passage for passage in passages if passage.heading == (heading,)]
    assert found.kind == "list"
    assert [park.text[start:end] for start, end in found.spans] == items.split()


def test_each_entry_of_the_chronicle_is_a_passage(passages: tuple[Passage, ...]) -> None:
    entries = [passage for passage in passages if passage.heading == ("大事记",)]
    years = [2003, 2005, 2006, 2007, 2009, 2014, 2015, 2016, 2017, 2018, 2020, 2023, 2024]
    assert [(entry.kind, int(entry.text[:4])) for entry in entries] == [("entry", year) for year in years]


def test_each_paragraph_is_one_passage(park: Document, passages: tuple[Passage, ...]) -> None:
    paragraphs = [passage for passage in passages if passage.kind == "paragraph"]
    assert [paragraph.text for paragraph in paragraphs] == texts(park, "paragraph")
    assert [len(p.heading) for p in paragraphs] == [0, 0, *[1] * 8]


def test_every_passage_is_a_slice_and_with_the_headings_they_are_all_of_the_source(
    park: Document, passages: tuple[Passage, ...], source: str
) -> None:
    for passage in passages:
        assert passage.text == source[passage.start : passage.end]
    headings = [(block.start, block.end) for block in park.blocks if block.kind == "heading"]
    slices = sorted([*headings, *((passage.start, passage.end) for passage in passages)])
    assert "\n".join(source[start:end] for start, end in slices) == source
