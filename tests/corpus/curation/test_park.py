"""park.yaml is read and checked; what is wrong in it is named with file and line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from parkqa.corpus.curation.park import COLOUR, Park, load_park
from parkqa.errors import ParkFileError
from paths import CORPUS


def load(folder: Path, content: str | bytes) -> Park:
    (folder / "park.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_park(folder)


def failure(folder: Path, content: str | bytes) -> ParkFileError:
    with pytest.raises(ParkFileError) as raised:
        load(folder, content)
    return raised.value


@pytest.fixture(scope="module")
def shipped() -> Park:
    return load_park(CORPUS)


def test_every_key_is_read(tmp_path: Path) -> None:
    source = (
        "name: 甲园\nenglish_name: Park A\nshort_names: [甲, 甲区]\nsuggestions:\n  - 甲是什么？\n  - 甲在哪里？\n"
        "suggestions_en:\n  - What is A?\ncontact: '电话 0510-1'\ncolour: '#abc'\n"
    )
    assert load(tmp_path, source) == Park(
        name="甲园",
        short_names=("甲", "甲区"),
        english_name="Park A",
        suggestions=("甲是什么？", "甲在哪里？"),
        suggestions_en=("What is A?",),
        contact="电话 0510-1",
        colour="#abc",
    )


def test_without_the_file_the_defaults_stand(tmp_path: Path) -> None:
    assert load_park(tmp_path) == Park("园区", (), "the park", (), (), "", "", COLOUR)


@pytest.mark.parametrize("content", ["", "# 还没写\n", "\ufeff"])
def test_an_empty_file_gives_the_defaults(tmp_path: Path, content: str) -> None:
    assert load(tmp_path, content) == Park()


def test_without_a_key_its_default_stands(tmp_path: Path) -> None:
    assert load(tmp_path, "name: 甲园\nsuggestions:\ncontact:\n") == Park(name="甲园")


def test_blanks_doubles_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    park = load(tmp_path, "\ufeffname: ' 甲园 '\r\nshort_names:\r\n  - ' 甲 '\r\n  - 甲\r\n")
    assert park == Park(name="甲园", short_names=("甲",))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("name: 甲\n\nphone: 1\n", 3, "phone"),
        ("# 甲\nname: 甲\ncontact: a\nname: 乙\n", 4, "name"),
        ("name: 甲\ncontact: 13800000000\n", 2, "contact"),
        ("name: 甲\ncontact: [a]\n", 2, "contact"),
        ("english_name: true\n", 1, "english_name"),
        ("name: 甲\nshort_names: 乙\n", 2, "short_names"),
        ("name: 甲\nsuggestions:\n  - 好\n  - 1\n", 2, "suggestions"),
        ("name: 甲\nsuggestions:\n  - ''\n", 2, "suggestions"),
        ("name: 甲\nsuggestions_en:\n  a: b\n", 2, "suggestions_en"),
        ("\n\ncolour: red\n", 3, "colour"),
        ("colour: '#12345'\n", 1, "colour"),
        ("colour: '#0b6b76aaa'\n", 1, "colour"),
        ("colour: '#0b6b76;x'\n", 1, "colour"),
        ("name: 甲\ncolour:\n", 2, "colour"),
        ("- name\n", 1, "name: value"),
        ("甲园\n", 1, "name: value"),
        ("name: 甲\n\tcontact: a\n", 2, "YAML"),
        ("name: 甲\ncontact: *a\n", 2, "YAML"),
        ("name: 甲\ncontact: 2024-13-45\n", 2, "YAML"),
        ("name: 甲\ncontact: !tel 0510\n", 2, "YAML"),
        ("name: 甲\ncontact: !!bool 好\n", 2, "YAML"),
        ("name: 甲\ncontact: a\x07\n", 2, "YAML"),
        (f"name: 甲\nshort_names: {'[' * 3000}\n", 2, "YAML"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path: Path, content: str, line: int, said: str) -> None:
    error = failure(tmp_path, content)
    assert (error.path, error.line) == (str(tmp_path / "park.yaml"), line)
    assert error.zh.startswith(f"{error.path}:{line}：")
    assert error.en.startswith(f"{error.path}:{line}: ")
    assert said in error.en


def test_an_unknown_key_is_told_the_known_ones(tmp_path: Path) -> None:
    error = failure(tmp_path, "nmae: 甲\n")
    found = ("office", "logo_version")
    assert all(field.name in error.zh and field.name in error.en for field in fields(Park) if field.name not in found)


@pytest.mark.parametrize("content", ["name: 园区".encode("gb18030"), "name: 园区".encode("utf-16")])
def test_a_file_that_is_no_utf_8_is_named(tmp_path: Path, content: bytes) -> None:
    error = failure(tmp_path, content)
    assert (error.path, error.line) == (str(tmp_path / "park.yaml"), 0)
    assert "UTF-8" in error.zh and "UTF-8" in error.en


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "park.yaml").mkdir()
    with pytest.raises(ParkFileError, match=r"park\.yaml"):
        load_park(tmp_path)


def test_the_shipped_file_makes_up_no_contact(shipped: Park) -> None:
    assert shipped.contact == ""


def test_the_shipped_file_names_the_park_as_its_document_does(shipped: Park) -> None:
    text = (CORPUS / "jiangyin-jingjiang-park.md").read_text(encoding="utf-8")
    assert shipped.name == "江苏江阴—靖江工业园区"
    assert shipped.name in text
    assert shipped.english_name
    assert "靖江园区" in shipped.short_names
    assert shipped.name not in shipped.short_names


def test_the_shipped_file_suggests_questions_in_both_languages(shipped: Park) -> None:
    assert len(shipped.suggestions) >= 5 and all(question.endswith("？") for question in shipped.suggestions)
    assert len(shipped.suggestions_en) >= 5 and all(question.endswith("?") for question in shipped.suggestions_en)


def test_what_is_said_of_documents_is_read(tmp_path: Path) -> None:
    said = "title: 入园指南\n    date: 2024-05-01\n    valid_until: 2026-12-31"
    source = f"documents:\n  子/指南.docx:\n    {said}\n  b.pdf:\n"
    assert load(tmp_path, source).documents == {
        "子/指南.docx": {"title": "入园指南", "date": "2024-05-01", "valid_until": "2026-12-31"},
        "b.pdf": {},
    }
    assert load(tmp_path, "documents:\n").documents == {}


@pytest.mark.parametrize(
    ("said", "line", "word"),
    [
        ("title: [甲]", 3, "title"),
        ("date:", 3, "date"),
        ("date: 2024\n    valid_until: 明年", 4, "valid_until"),
        ("date: 2024\n    valid_until: '2026-02-30'", 4, "valid_until"),
        ("owner: 甲", 3, "owner"),
        ("date: 1\n    date: 2", 4, "date"),
    ],
)
def test_what_is_wrong_of_a_document_is_named_with_its_line(tmp_path: Path, said: str, line: int, word: str) -> None:
    error = failure(tmp_path, f"documents:\n  a.pdf:\n    {said}\n")
    assert error.line == line
    assert word in error.zh
    assert word in error.en


def test_documents_that_are_no_mapping_are_named_with_their_line(tmp_path: Path) -> None:
    assert failure(tmp_path, "name: 甲\ndocuments:\n  - a.pdf\n").line == 3
    assert failure(tmp_path, "documents:\n  a.pdf: 标题\n").line == 2
