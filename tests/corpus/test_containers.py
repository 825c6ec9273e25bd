"""Archives: the files in them are documents, and nothing in them harms the machine or falls away silently."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

import papers
from parkqa.corpus import containers, file_checks
from parkqa.corpus.containers import DEPTH, MEMBERS
from parkqa.corpus.documents import Corpus, read_corpus
from parkqa.corpus.limits import Job, Limits

pytestmark = pytest.mark.usefixtures("kept_readers")

TEXT = "园区食堂在一楼。".encode()


def archive(**files: bytes) -> bytes:
    return packed(*((name.replace("_", "."), raw) for name, raw in files.items()))


def packed(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as package:
        for name, raw in files:
            package.writestr(name, raw)
    return buffer.getvalue()


def read(folder: Path, raw: bytes, name: str = "a.zip") -> Corpus:
    (folder / name).write_bytes(raw)
    (folder / "good.txt").write_text("园区成立于2003年。", encoding="utf-8")
    corpus = read_corpus(folder)
    assert "good.txt" in [document.path for document in corpus.documents]
    return corpus


def paths(corpus: Corpus) -> list[str]:
    return [document.path for document in corpus.documents if document.path != "good.txt"]


def test_the_files_of_an_archive_are_documents(tmp_path: Path) -> None:
    raw = packed(
        ("文件/指南.docx", papers.guide_docx()),
        ("文件/说明.txt", TEXT),
        ("图.png", b"x"),
        ("__MACOSX/文件/._说明.txt", b"x"),
        ("文件/~$指南.docx", b"x"),
        (".DS_Store", b"x"),
    )
    corpus = read(tmp_path, raw, "资料.ZIP")
    assert paths(corpus) == ["资料.ZIP/文件/指南.docx", "资料.ZIP/文件/说明.txt"]
    assert (corpus.skipped, corpus.failed) == (("资料.ZIP/图.png",), ())
    assert corpus.passages["资料.ZIP/文件/说明.txt"][0].text == TEXT.decode()


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_that_are_not_marked_as_utf_8_are_read(tmp_path: Path, encoding: str) -> None:
    name = "通知/说明.txt".encode(encoding)
    placed = packed(("x" * len(name), TEXT)).replace(b"x" * len(name), name)
    assert paths(read(tmp_path, placed)) == ["a.zip/通知/说明.txt"]


def test_names_as_windows_writes_them_are_paths(tmp_path: Path) -> None:
    assert paths(read(tmp_path, packed(("./a\\b.txt", TEXT)))) == ["a.zip/a/b.txt"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["../b.txt", "a/../../b.txt", "/etc/b.txt", "C:\\b.txt", "..\\b.txt"])
def test_a_path_that_climbs_is_named_and_nothing_is_written_there(tmp_path: Path, name: str) -> None:
    (tmp_path / "corpus").mkdir()
    corpus = read(tmp_path / "corpus", packed((name, TEXT), ("c.txt", TEXT)))
    (error,) = corpus.failed
    assert "压缩包之外" in error.zh and paths(corpus) == ["a.zip/c.txt"]
    assert [path.name for path in tmp_path.rglob("b.txt")] == []


@pytest.mark.slow
def test_a_link_is_named_and_not_followed(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("b.txt")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    (error,) = read(tmp_path, packed((link, b"/etc/passwd"))).failed
    assert error.path == "a.zip/b.txt" and "压缩包之外" in error.zh


@pytest.mark.slow
def test_archives_and_mails_in_archives_are_opened_to_a_depth(tmp_path: Path) -> None:
    mail = b"Subject: x\r\n\r\nHall M."
    raw = archive(d_txt=b"Hall D.")
    for depth in range(DEPTH, 0, -1):
        raw = archive(x_zip=raw, m_eml=mail + bytes([64 + depth]))
    corpus = read(tmp_path, raw)
    assert paths(corpus) == ["a.zip/m.eml", "a.zip/x.zip/m.eml", "a.zip/x.zip/x.zip/m.eml"]
    (error,) = corpus.failed
    assert error.path == "a.zip/x.zip/x.zip/x.zip" and f"超过 {DEPTH} 层" in error.zh


def sealed(raw: bytes, number: int) -> bytes:
    """An archive whose file with this number is marked as encrypted."""
    made, place = bytearray(raw), 0
    for _ in range(number + 1):
        place = made.index(b"PK\x01\x02", place) + 4
    made[place + 4] |= 1
    return bytes(made)


@pytest.mark.slow
def test_an_encrypted_archive_says_so_once_and_an_encrypted_file_by_itself(tmp_path: Path) -> None:
    (error,) = read(tmp_path, sealed(archive(b_txt=TEXT), 0)).failed
    assert (error.path, "压缩包有密码" in error.zh) == ("a.zip", True)
    corpus = read(tmp_path, sealed(archive(b_txt=TEXT, c_txt=TEXT), 1))
    assert [(error.path, "密码" in error.zh) for error in corpus.failed] == [("a.zip/c.txt", True)]
    assert paths(corpus) == ["a.zip/b.txt"]


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (b"", "不是完整的 .zip"),
        (b"Rar!\x1a\x07", "不是完整的 .zip"),
        (archive(b_txt=TEXT)[:-30], "不是完整的 .zip"),
        (papers.guide_docx(), "改成 .docx"),
        (papers.handbook_pdf(), "改成 .pdf"),
        (packed(*((f"{n}.txt", b"x") for n in range(MEMBERS + 1))), f"超过 {MEMBERS} 个文件"),
    ],
)
def test_an_archive_that_cannot_be_used_says_why(tmp_path: Path, raw: bytes, part: str) -> None:
    corpus = read(tmp_path, raw)
    assert [(error.path, part in error.zh) for error in corpus.failed] == [("a.zip", True)]


@pytest.mark.slow
def test_a_file_that_is_damaged_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    raw = packed(("b.txt", TEXT), ("c.txt", b"Hall C."), method=zipfile.ZIP_STORED).replace(TEXT, TEXT[::-1])
    corpus = read(tmp_path, raw)
    assert [(error.path, "损坏" in error.zh) for error in corpus.failed] == [("a.zip/b.txt", True)]
    assert paths(corpus) == ["a.zip/c.txt"]


def test_two_files_of_one_name_are_named(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = packed(("b.txt", TEXT), ("b.txt", b"Hall B."))
    corpus = read(tmp_path, raw)
    assert [(error.path, "同名" in error.zh) for error in corpus.failed] == [("a.zip/b.txt", True)]
    assert paths(corpus) == ["a.zip/b.txt"]


def unpacked(folder: Path, raw: bytes) -> containers.Unpacked:
    (folder / "a.zip").write_bytes(raw)
    (folder / "out").mkdir()
    job = Job(folder / "a.zip", folder, {}, Limits())
    return containers.unpack(job, folder / "out", frozenset((".txt", ".zip")))


def test_a_file_that_unpacks_to_far_more_is_taken_for_a_bomb(tmp_path: Path) -> None:
    raw = packed(("b.txt", bytes(containers.FREE + 1)), ("c.txt", bytes(containers.FREE)))
    made = unpacked(tmp_path, raw)
    assert [(name, "解压炸弹" in zh) for name, zh, _ in made.failed] == [("b.txt", True)]
    assert [name for name, _ in made.files] == ["c.txt"]


@pytest.mark.parametrize(("limit", "part"), [("UNPACKED", "a.zip"), ("ON_DISK", "b.txt")])
def test_what_is_too_large_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, part: str
) -> None:
    monkeypatch.setattr(containers, limit, 2 * file_checks.MEGABYTE)
    raw = packed(("b.txt", bytes(3 * file_checks.MEGABYTE)))
    if part == "a.zip":
        with pytest.raises(containers.Unreadable, match="exceeds 2 MB"):
            unpacked(tmp_path, raw)
    else:
        assert [(name, "超过 2 MB" in zh) for name, zh, _ in unpacked(tmp_path, raw).failed] == [(part, True)]
    assert [*(tmp_path / "out").iterdir()] == []


def test_a_way_of_packing_that_is_not_known_is_named(tmp_path: Path) -> None:
    raw = bytearray(archive(b_txt=TEXT))
    for sign, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        raw[raw.index(sign) + place] = 9  # deflate64, as Windows packs large files
    (error,) = read(tmp_path, bytes(raw)).failed
    assert error.path == "a.zip/b.txt" and "解不开" in error.zh


def test_nothing_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "aside").mkdir()
    (tmp_path / "corpus").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "aside"))
    read(tmp_path / "corpus", archive(b_txt=TEXT))
    assert [*(tmp_path / "aside").iterdir()] == []
