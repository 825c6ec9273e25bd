"""Bad files: each is named with reason and cure, and the rest is read."""

from __future__ import annotations

import io
import os
import sys
import zipfile
import zlib
from pathlib import Path

import docx
import pytest

import papers
from engines import set_environment, settings_for
from papers import Paper, saved
from parkqa.cli import commands
from parkqa.corpus import file_checks, other_formats
from parkqa.corpus.documents import Corpus, read_corpus, read_document
from parkqa.corpus.folder import fingerprint
from parkqa.corpus.readers.draft import Unreadable
from parkqa.engine import Engine
from parkqa.errors import DocumentError
from stubs import StubEncoder

pytestmark = pytest.mark.usefixtures("kept_readers")

DOCX = papers.guide_docx()
PDF = papers.handbook_pdf()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def repacked(raw: bytes, name: str, content: bytes) -> bytes:
    """A package with one more part."""
    buffer = io.BytesIO(raw)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return buffer.getvalue()


def encrypted() -> bytes:
    paper = Paper(encrypted="secret")
    paper.line("园区成立于2003年。")
    return paper.save()


def scanned() -> bytes:
    paper = Paper()
    for _ in range(2):
        paper.picture()
        paper.turn()
    paper.picture()
    return paper.save()


def stream(size: int, kind: bytes = b"") -> bytes:
    """A PDF with a stream that unpacks to ``size`` bytes."""
    body = zlib.compress(bytes(size), 9)
    return b"%%PDF-1.4\n1 0 obj\n<<%s/Filter /FlateDecode>>\nstream\n%s\nendstream\n%%%%EOF" % (kind, body)


def corpus(folder: Path, **contents: bytes) -> Corpus:
    """Read a folder with these files, named like their arguments with the last "_" as a dot, and one good one."""
    for name, raw in contents.items():
        (folder / ".".join(name.rsplit("_", 1))).write_bytes(raw)
    (folder / "good.txt").write_text("园区成立于2003年。", encoding="utf-8")
    return read_corpus(folder)


BAD = {
    "empty.docx": (b"", "空", "fill it"),
    "empty.pdf": (b"", "空", "fill it"),
    "blank.docx": (saved(docx.Document()), "没有文字", "without text"),
    "old.docx": (OLE, "旧版", "save it as .docx"),
    "locked.xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), "密码", "password"),
    "locked.pdf": (encrypted(), "密码", "password"),
    "cut.docx": (DOCX[: len(DOCX) // 2], "损坏", "copy it again"),
    "cut.pdf": (PDF[: len(PDF) // 2], "损坏", "copy it again"),
    "torn.pdf": (b"%PDF-1.7\n" + os.urandom(500) + b"\n%%EOF\n", "损坏", "copy it again"),
    "torn.docx": (DOCX.replace(b"word/document.xml", b"word/d0cument.xml"), "损坏", "copy it again"),
    "really_pdf.docx": (PDF, "改成 .pdf", "rename it to .pdf"),
    "really_docx.pdf": (DOCX, "改成 .docx", "rename it to .docx"),
    "really_xlsx.pptx": (papers.firms_xlsx(), "改成 .xlsx", "rename it to .xlsx"),
    "picture.pdf": (b"\xff\xd8\xff\xe0" + bytes(50), "图片", "a picture"),
    "words.docx": ("园区".encode(), "别的东西", "something else"),
    "zip.docx": (repacked(b"", "a.txt", b"a"), "别的东西", "something else"),
    "macro.docx": (repacked(DOCX, "word/vbaProject.bin", b"x"), "含宏", "macros"),
    "scan.pdf": (scanned(), "第 1、2、3 页是扫描", "pages 1, 2, 3: a scanned"),
    "picture.txt": (b"\xff\xd8\xff\xe0" + bytes(50), "图片", "a picture"),
    "noise.txt": (b"\xff\xff\xff\xff" + bytes(50), "UTF-8", "UTF-8"),
    "really_docx.txt": (DOCX, "改成 .docx", "rename it to .docx"),
    "really_pdf.html": (PDF, "改成 .pdf", "rename it to .pdf"),
    "really_old.md": (OLE, "旧版", "save it as .docx"),
    "cut.xlsx": (papers.firms_xlsx()[:3000], "损坏", "copy it again"),
    "cut.pptx": (papers.talk_pptx()[:9000], "损坏", "copy it again"),
    "locked.docx": (OLE + "EncryptedPackage".encode("utf-16-le"), "密码", "password"),
    "empty.txt": (b"", "空", "fill it"),
    "empty.html": (b"<html><body></body></html>", "没有文字", "without text"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_with_reason_and_cure_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    raw, zh, en = BAD[name]
    (tmp_path / name).write_bytes(raw)
    read = corpus(tmp_path)
    assert [document.path for document in read.documents] == ["good.txt"]
    (error,) = read.failed
    assert error.path == name
    assert zh in error.reason_zh
    assert en in error.reason_en


@pytest.mark.parametrize(
    ("name", "raw", "limit"),
    [
        ("a.docx", repacked(DOCX, "word/media/a.bin", bytes(5 * file_checks.MEGABYTE)), 4),
        ("a.pptx", repacked(papers.talk_pptx(), "ppt/a.xml", bytes(3 * file_checks.MEGABYTE)), 2),
        ("a.pdf", stream(3 * file_checks.MEGABYTE), 2),
    ],
)
def test_what_unpacks_to_too_much_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, raw: bytes, limit: int
) -> None:
    assert len(raw) < file_checks.MEGABYTE
    file_checks.check(raw, Path(name).suffix)
    monkeypatch.setattr(file_checks, "UNPACKED", 4 * file_checks.MEGABYTE)
    monkeypatch.setattr(file_checks, "MARKUP", 2 * file_checks.MEGABYTE)
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(DocumentError) as raised:
        read_document(tmp_path / name, tmp_path)  # in this process, whose limits are changed
    assert f"超过 {limit} MB" in raised.value.zh
    file_checks.check(stream(3 * file_checks.MEGABYTE, b"/Subtype /Image "), ".pdf")  # a picture is never unpacked


@pytest.mark.slow
def test_a_file_beyond_the_limit_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "large.pdf").open("wb") as file:
        file.truncate(file_checks.ON_DISK + 1)
    (error,) = corpus(tmp_path).failed
    assert "超过 200 MB" in error.zh


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (error,) = corpus(tmp_path).failed
    assert "不是普通文件" in error.zh


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_out_of_the_folder_in_a_circle_or_to_nothing_are_named(tmp_path: Path) -> None:
    inside, outside = tmp_path / "corpus", tmp_path / "other"
    for folder in (inside / "sub", outside):
        folder.mkdir(parents=True)
        (folder / "words.txt").write_text(f"{folder.name}里的话。", encoding="utf-8")
    links = {
        "file.txt": outside / "words.txt",
        "folder": outside,
        "sub/own": inside,
        "loop.txt": inside / "loop.txt",
        "gone.txt": inside / "nowhere.txt",
    }
    for name, target in links.items():
        (inside / name).symlink_to(target)
    read = corpus(inside)
    assert [document.path for document in read.documents] == ["good.txt", "sub/words.txt"]
    assert sorted(error.path for error in read.failed) == sorted(links)
    told = {error.path: error.reason_zh for error in read.failed}
    assert "文件夹之外" in told["file.txt"] and "文件夹的链接" in told["folder"] and "绕成了圈" in told["loop.txt"]


@pytest.mark.slow
def test_a_page_that_is_scanned_is_noted_and_the_others_are_read(tmp_path: Path) -> None:
    paper = Paper()
    paper.line("园区有码头。")
    paper.turn()
    paper.picture()
    read = corpus(tmp_path, half_pdf=paper.save())
    assert [document.path for document in read.documents] == ["good.txt", "half.pdf"]
    assert read.failed == ()
    assert [note.path for note in read.notes] == ["half.pdf"]
    assert "第 2 页" in read.notes[0].zh


NAMES = {'引"号.txt': "引号", "换\n行.txt": "换行", "制\x07表.md": "控制字符", "乱\udcff码.txt": "乱码"}


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be made there")
def test_names_that_not_every_system_can_hold_are_named_on_one_line(tmp_path: Path) -> None:
    for name in (*NAMES, "中文“引号”和 ' 及\u3000空格.txt"):
        (tmp_path / name).write_text(f"这里说的是{name!r}。", encoding="utf-8")
    read = corpus(tmp_path)
    assert [error.path for error in read.failed] == sorted(NAMES)
    assert all(NAMES[error.path] in error.reason_zh and "改名" in error.zh for error in read.failed)
    assert all("\n" not in str(error) and str(error).isprintable() for error in read.failed)
    assert len(read.documents) == 2


def test_names_alike_but_for_case_are_named(tmp_path: Path) -> None:
    for name in ("Guide.txt", "guide.TXT", "GUIDE.md"):
        (tmp_path / name).write_text(f"{name}里的话。", encoding="utf-8")
    if len(list(tmp_path.iterdir())) < 3:
        pytest.skip("this file system takes them for one")
    read = corpus(tmp_path)
    assert [document.path for document in read.documents] == ["GUIDE.md", "Guide.txt", "good.txt"]
    (error,) = read.failed
    assert error.path == "guide.TXT"
    assert "Guide.txt 只有大小写不同" in error.zh


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("a.docm", "带宏的文件，请另存为 .docx"),
        ("a.doc", "请另存为 .docx，或装上 LibreOffice"),
        ("a.XLS", "另存为 .xlsx"),
        ("a.ppt", "另存为 .pptx"),
        ("a.ofd", ".pdf"),
        ("a.epub", "另存为 .docx"),
        ("a.msg", "附件"),
        ("a.rar", "解压"),
    ],
)
def test_a_kind_of_document_that_is_not_read_is_left_out_with_reason_and_cure(
    tmp_path: Path, name: str, part: str
) -> None:
    (tmp_path / name).write_bytes(b"something")
    read = corpus(tmp_path)
    (error,) = read.failed
    assert (error.path, read.skipped) == (name, ())
    assert part in error.reason_zh
    assert Path(name).suffix.lower() in error.reason_en or "macros" in error.reason_en


def test_pictures_are_skipped_with_the_cure_and_other_files_without(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.yaml"):
        (tmp_path / name).write_bytes(b"something")
    read = corpus(tmp_path)
    assert (read.failed, read.skipped) == ((), ("a.jpg", "b.yaml"))
    assert "OCR" in other_formats.why_skipped("a.jpg") and not other_formats.why_skipped("b.yaml")


@pytest.mark.slow
def test_park_yaml_tells_title_date_and_end_of_validity(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: 旧\ndate: 2020\n---\n正文。", encoding="utf-8")
    (tmp_path / "b.docx").write_bytes(DOCX)
    told = {
        "a.md": {"title": "新"},
        "b.docx": {"date": "2024", "valid_until": "2026-12-31"},
        "没有.pdf": {"title": "无"},
    }
    read = read_corpus(tmp_path, told)
    assert [(d.title, d.date, d.valid_until) for d in read.documents] == [
        ("新", "2020", None),
        ("企业入园服务指南", "2024", "2026-12-31"),
    ]
    assert [note.path for note in read.notes] == ["没有.pdf"]


@pytest.mark.slow
def test_the_closing_table_names_them_all_and_the_status_is_four(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_for(tmp_path)
    for name, (raw, _, _) in BAD.items():
        (settings.corpus / name).write_bytes(raw)
    (settings.corpus / 'a"b\nc.txt').write_text("字。", encoding="utf-8")
    (settings.corpus / "d.docm").write_bytes(DOCX)
    (settings.corpus / "手册.pdf").write_bytes(PDF)
    with (settings.corpus / "park.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndocuments:\n  手册.pdf:\n    title: 投资手册\n    valid_until: 2020-01-01\n")
    set_environment(monkeypatch, settings)
    monkeypatch.setattr(sys, "argv", ["parkqa", "build"])
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == 4
    lines = capsys.readouterr().err.splitlines()
    left_out = [line for line in lines if line.startswith("  未能读取 / left out: ")]
    assert len(left_out) == len(BAD) + 2
    assert any('a"b\\nc.txt：' in line for line in left_out)
    assert any("d.docm：不读带宏的文件" in line for line in left_out)
    asked = Engine.open(settings, StubEncoder()).ask("园区拥有长江深水岸线，可停靠十万吨级海轮")
    quote = next(quote for quote in (*asked.quotes, *asked.related) if quote.document == "手册.pdf")
    assert (quote.title, quote.page, quote.valid_until) == ("投资手册", 1, "2020-01-01")
    assert quote.text == "园区拥有长江深水岸线，可停靠十万吨级海轮。"


def test_a_file_that_cannot_be_read_does_not_stop_the_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path)
    before = fingerprint(settings.corpus)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert fingerprint(settings.corpus) != before


def test_a_file_is_looked_at_before_its_reader_sees_it() -> None:
    for raw, suffix in ((DOCX, ".docx"), (PDF, ".pdf"), (papers.talk_pptx(), ".pptx"), (papers.firms_xlsx(), ".xlsx")):
        file_checks.check(raw, suffix)
    with pytest.raises(Unreadable):
        file_checks.check(DOCX, ".pdf")
