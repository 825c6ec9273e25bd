"""What is marked for staff only reaches no index, and nothing of it slips out another way."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from engines import corpus, opened
from parkqa.corpus.curation.park import load_park
from parkqa.corpus.documents import read_corpus
from parkqa.errors import ParkFileError

SECRET = "# 底价\n\n3号楼的租金底价是每平方米每月18元。\n"
OPEN = "# 租金\n\n3号楼的租金面议，请联系招商中心。\n"


def names(root: Path) -> list[str]:
    return [each.path for each in read_corpus(root, load_park(root).documents).documents]


@pytest.mark.parametrize(
    ("park", "front"),
    [("documents:\n  底价.md:\n    staff_only: true\n", ""), ("", "---\nstaff_only: true\n---\n")],
    ids=["park.yaml", "front matter"],
)
def test_it_is_in_no_index(tmp_path: Path, park: str, front: str) -> None:
    settings = corpus(tmp_path, 底价_md=front + SECRET, 租金_md=OPEN, park_yaml=park)
    engine = opened(settings)
    assert list(engine.documents) == ["租金.md"]
    answer = engine.ask("3号楼的租金底价是多少？")
    assert {quote.document for quote in (*answer.quotes, *answer.related)} <= {"租金.md"}
    shelf = [path.read_bytes() for path in settings.index.rglob("*") if path.is_file()]
    assert not any("每月18元".encode() in content for content in shelf)


def test_neither_is_its_translation_even_where_it_cannot_be_read(tmp_path: Path) -> None:
    park = "documents:\n  底价.md:\n    staff_only: true\n"
    translation = "---\ntranslation_of: 底价.md\n---\n# Floor price\n\n18 yuan.\n"
    settings = corpus(tmp_path, 底价_md=SECRET, 底价en_md=translation, 租金_md=OPEN, park_yaml=park)
    assert names(settings.corpus) == ["租金.md"]
    (settings.corpus / "底价.md").write_bytes(b"")
    assert names(settings.corpus) == ["租金.md"]


def test_a_double_that_is_not_marked_is_named(tmp_path: Path) -> None:
    park = "documents:\n  底价.md:\n    staff_only: true\n"
    root = corpus(tmp_path, 底价_md=SECRET, 另存_md=SECRET, park_yaml=park).corpus
    read = read_corpus(root, load_park(root).documents)
    assert [(each.path, each.also_in) for each in read.documents] == [("另存.md", ())]
    assert {note.path for note in read.notes} == {"底价.md", "另存.md"}


def test_what_is_marked_false_is_for_all(tmp_path: Path) -> None:
    settings = corpus(tmp_path, 租金_md=OPEN, park_yaml="documents:\n  租金.md:\n    staff_only: false\n")
    assert names(settings.corpus) == ["租金.md"]


def test_a_mark_that_cannot_be_understood_lets_nothing_out(tmp_path: Path) -> None:
    settings = corpus(tmp_path, 底价_md="---\nstaff_only: 是\n---\n" + SECRET, 租金_md=OPEN)
    assert [error.path for error in read_corpus(settings.corpus).failed] == ["底价.md"]
    (settings.corpus / "park.yaml").write_text("documents:\n  租金.md:\n    staff_only: 是\n", encoding="utf-8")
    with pytest.raises(ParkFileError, match=r"park\.yaml:3"):
        load_park(settings.corpus)


@pytest.mark.slow
def test_what_is_in_an_archive_that_is_marked_reaches_no_index(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "内部.zip", "w") as package:
        package.writestr("工资.md", "# 工资\n\n工资每月10日发。\n")
    (tmp_path / "食堂.md").write_text("# 食堂\n\n食堂中午11点开饭。\n", encoding="utf-8")
    marked = {"内部.zip": {"staff_only": "true"}}
    assert [document.path for document in read_corpus(tmp_path, marked).documents] == ["食堂.md"]
    assert len(read_corpus(tmp_path).documents) == 2
