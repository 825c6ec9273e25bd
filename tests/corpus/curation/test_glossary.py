"""glossary.yaml is read and checked, and its words are found in a question."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from parkqa.corpus.curation.glossary import Glossary, glossary, matches, read_glossary
from parkqa.errors import ParkFileError
from parkqa.text.folding import folded
from paths import CORPUS


def read(folder: Path, content: str) -> Glossary:
    (folder / "glossary.yaml").write_text(content, encoding="utf-8")
    return read_glossary(folder)


def found(question: str, words: Glossary) -> list[str]:
    return [question[match.start : match.end] for match in matches(question, words)]


@pytest.fixture(scope="module")
def shipped() -> Glossary:
    return read_glossary(CORPUS)


def test_all_words_of_an_entry_mean_the_same(tmp_path: Path) -> None:
    words = read(tmp_path, "- terms: [荣誉, 称号]\n  en: [honour, award]\n  note: 说明\n- terms: [成立, 建立]\n")
    honours = ("荣誉", "称号", "honour", "award")
    assert words.meanings == dict.fromkeys(honours, honours) | dict.fromkeys(("成立", "建立"), ("成立", "建立"))
    assert words.words == ("荣誉", "称号", "成立", "建立")


def test_words_are_folded(tmp_path: Path) -> None:
    words = read(tmp_path, "- terms: [' 榮譽 ', 江阴—靖江, ＡＡ级]\n  en: [Award]\n")
    assert list(words.meanings) == ["荣誉", "江阴-靖江", "aa级", "award"]


def test_a_word_of_two_entries_has_the_words_of_both(tmp_path: Path) -> None:
    words = read(tmp_path, "- terms: [园区, 工业园]\n- terms: [靖江园区, 园区]\n")
    assert words.meanings["园区"] == ("园区", "工业园", "靖江园区")
    assert words.meanings["工业园"] == ("园区", "工业园")


@pytest.mark.parametrize("content", ["", "# 还没写\n", "\ufeff"])
def test_an_empty_file_is_an_empty_glossary(tmp_path: Path, content: str) -> None:
    words = read(tmp_path, content)
    assert words == read_glossary(tmp_path / "none") == glossary({})
    assert matches("园区", words) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("terms: [甲, 乙]\n", 1),
        ("甲, 乙\n", 1),
        ("# 词表\n- terms: [甲, 乙]\n- terms: [丙]\n", 3),
        ("- terms: [甲, 甲]\n", 1),
        ("- terms: [ＡＢ, ab]\n", 1),
        ("- terms: [甲, 乙]\n  en: [a]\n\n- 丙\n", 4),
        ("- terms: 甲、乙\n", 1),
        ("- terms: [甲, '']\n", 1),
        ("- terms: [甲, 2003]\n", 1),
        ("- terms: [甲, 乙]\n- terms: [好, 不]\n  en: [true, false]\n", 2),
        ("- terms: [甲, 乙]\n- terms: [丙, 丁]\n  english: [c]\n", 2),
        ("- terms: [甲, 乙]\n  en:\n", 1),
        ("- note: 空\n", 1),
        ("-\n", 1),
        ("- terms: [甲, 乙]\n  en: [a\n- terms: [丙, 丁]\n", 3),
        ("- terms: [甲, 乙]\n\t- terms: [丙, 丁]\n", 2),
        ("- terms: [甲, 乙]\n- terms: [丙, 2024-13-45]\n", 2),
        ("- terms: [甲, 乙]\n- terms: [丙, !tel 0510]\n", 2),
        (f"- terms: [甲, 乙]\n- {'[' * 3000}", 2),
        (f"- terms: [甲, 乙]\n- {'[' * 200}{']' * 200}", 2),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path: Path, content: str, line: int) -> None:
    with pytest.raises(ParkFileError) as raised:
        read(tmp_path, content)
    error = raised.value
    assert (error.path, error.line) == (str(tmp_path / "glossary.yaml"), line)
    assert error.zh.startswith(f"{error.path}:{line}：")
    assert error.en.startswith(f"{error.path}:{line}: ")


WORDS = glossary(
    {word: (word,) for word in ("园区", "工业园区", "业园", "park", "cross river", "co., ltd.", "r&d", "aa级")}
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("工业园区是园区吗", ["工业园区", "园区"]),
        ("农业园很大", ["业园"]),
        ("what is the park?", ["park"]),
        ("the park园区", ["park", "园区"]),
        ("sparks in parks", []),
        ("park2 3park", []),
        ("cross-river or cross  river or crossriver", ["cross-river", "cross  river"]),
        ("a co., ltd. for r&d", ["co., ltd.", "r&d"]),
        ("co.x ltdx", []),
        ("aa级平台", ["aa级"]),
        ("", []),
    ],
)
def test_the_longest_words_are_found_english_ones_whole(question: str, expected: list[str]) -> None:
    assert found(question, WORDS) == expected


def test_a_match_carries_its_meanings_however_it_is_spaced() -> None:
    words = glossary({"cross river": ("跨江", "cross river")})
    assert [match.words for match in matches("cross river, cross-river", words)] == [("跨江", "cross river")] * 2


@pytest.mark.parametrize("question", ["co-built base", "co-built  base", "co-built-base", "co-built \u3000 base"])
def test_a_word_with_a_hyphen_and_a_blank_is_found_however_it_is_spaced(question: str) -> None:
    (match,) = matches(question, glossary({"co-built base": ("共建基地", "co-built base")}))
    assert match.words == ("共建基地", "co-built base")


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["园", "区", "工", "业", "park", "s", " ", "-", "cross", "river", "年"])).map("".join))
def test_matches_are_ordered_and_do_not_overlap(question: str) -> None:
    ends = [place for match in matches(question, WORDS) for place in (match.start, match.end)]
    assert ends == sorted(ends)
    assert all(match.start < match.end for match in matches(question, WORDS))


def test_the_shipped_glossary_reads(shipped: Glossary) -> None:
    assert len(shipped.meanings) > 500
    for word, meanings in shipped.meanings.items():
        assert word in meanings and len(meanings) > 1
        assert [folded(meaning) for meaning in meanings] == list(meanings)


def test_every_word_of_the_shipped_glossary_is_found_whole(shipped: Glossary) -> None:
    assert [word for word in shipped.meanings if found(word, shipped) != [word]] == []


def test_every_entry_of_the_shipped_glossary_begins_with_words_of_the_document() -> None:
    text = (CORPUS / "jiangyin-jingjiang-park.md").read_text(encoding="utf-8")
    entries = yaml.safe_load((CORPUS / "glossary.yaml").read_text(encoding="utf-8"))
    assert [entry["terms"][0] for entry in entries if entry["terms"][0] not in text] == []


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("称号", "荣誉"),
        ("honours", "荣誉"),
        ("founded", "成立"),
        ("江阴一靖江工业园区", "江阴-靖江工业园区"),
        ("singapore", "新加坡"),
    ],
)
def test_the_shipped_glossary_knows(shipped: Glossary, word: str, meaning: str) -> None:
    assert meaning in shipped.meanings[word]


@pytest.mark.parametrize(
    "absent", ["产值", "税收", "利润", "gdp", "电话", "telephone", "phone", "价格", "price", "交通", "地铁"]
)
def test_what_the_documents_do_not_hold_means_nothing_else(shipped: Glossary, absent: str) -> None:
    assert absent not in shipped.meanings
