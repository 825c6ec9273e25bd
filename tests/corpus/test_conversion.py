"""Old formats become documents by way of LibreOffice, within limits and without reaching for anything."""

from __future__ import annotations

import http.server
import io
import os
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest

import papers
from office import libreoffice, needs_office, saved_as, stand_in
from papers import saved
from parkqa.corpus import conversion
from parkqa.corpus.conversion import Office, described, found
from parkqa.corpus.documents import read_corpus
from parkqa.corpus.limits import Limits
from parkqa.corpus.office_process import Processes
from parkqa.corpus.old_formats import OFFICE
from parkqa.corpus.passages import heading_path
from parkqa.corpus.readers.draft import Unreadable
from parkqa.desk.readiness import CHECKS, look
from parkqa.errors import SettingsError
from parkqa.settings import load_settings
from parkqa.types import Document

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
ANSWERS = 'sys.stdout.write("LibreOffice 9.9.9 40\\n") if "--version" in argv else None'
OLD_FORMATS = next(check for check in CHECKS if check.name.en == "old formats")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")


def rent_docx() -> bytes:
    """A table with merged heads and nothing behind it."""
    document = docx.Document()
    document.add_heading("租金", 1)
    rows = (("楼栋", "租金（元）", "", "押金"), ("", "一层", "二层以上", ""), ("1号楼", "35", "28", "两个月"))
    table = document.add_table(rows=3, cols=4)
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    for first, last in (((0, 1), (0, 2)), ((0, 0), (1, 0)), ((0, 3), (1, 3))):
        table.cell(*first).merge(table.cell(*last))
    return saved(document)


def headed_docx() -> bytes:
    """A table with nothing behind it, in a document with header, footer and English."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "页眉"
    document.sections[0].footer.paragraphs[0].text = "Page foot"
    document.add_paragraph("Fees 收费")
    for cell, text in zip(document.add_table(rows=1, cols=2).rows[0].cells, ("厂房", "18元"), strict=True):
        cell.text = text
    return saved(document)


def told(document: Document) -> list[tuple[str, object, tuple[str, ...], str]]:
    return [(b.kind, b.page, b.columns, document.text[b.start : b.end]) for b in document.blocks if b.kind != "break"]


# With LibreOffice


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """The documents that files in old formats become, by path."""
    folder = tmp_path_factory.mktemp("old")
    guide, talk, firms = papers.guide_docx(), papers.talk_pptx(), papers.firms_xlsx()
    made = saved_as(
        folder / "made",
        {
            **{f"guide{suffix[1:]}.docx": (guide, suffix) for suffix in (".doc", ".rtf", ".odt")},
            **{f"talk{suffix[1:]}.pptx": (talk, suffix) for suffix in (".ppt", ".odp")},
            **{f"firms{suffix[1:]}.xlsx": (firms, suffix) for suffix in (".xls", ".ods")},
            "rent.docx": (rent_docx(), ".doc"),
            "headed.docx": (headed_docx(), ".doc"),
        },
    )
    made |= {"rent.wps": made["rent.doc"], "firms.et": made["firmsxls.xls"], "talk.dps": made["talkppt.ppt"]}
    corpus = folder / "corpus"
    corpus.mkdir()
    for name, raw in made.items():
        (corpus / name).write_bytes(raw)
    for name, raw in (("guide.docx", guide), ("talk.pptx", talk), ("firms.xlsx", firms)):
        (corpus / name).write_bytes(raw)
    read = read_corpus(corpus, office=libreoffice(folder / "cache"))
    assert read.failed == ()
    return {path: document for document in read.documents for path in (document.path, *document.also_in)}


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "new"),
    [
        *((f"guide{suffix}.{suffix}", "guide.docx") for suffix in ("doc", "rtf", "odt")),
        *((f"talk{suffix}.{suffix}", "talk.pptx") for suffix in ("ppt", "odp")),
        *((f"firms{suffix}.{suffix}", "firms.xlsx") for suffix in ("xls", "ods")),
        ("firms.et", "firms.xlsx"),
        ("talk.dps", "talk.pptx"),
    ],
)
def test_a_file_in_an_old_format_is_read_as_in_the_new_one(old: dict[str, Document], path: str, new: str) -> None:
    assert told(old[path]) == told(old[new])


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("path", ["rent.doc", "rent.wps"])
def test_a_table_that_a_word_file_ends_in_is_kept_with_its_merged_heads(old: dict[str, Document], path: str) -> None:
    assert old[path].converted
    assert told(old[path])[-1] == (
        "row", None, ("楼栋", "租金（元） 一层", "租金（元） 二层以上", "押金"), "1号楼 | 35 | 28 | 两个月",
    )  # fmt: skip


@needs_office
@pytest.mark.slow
def test_such_a_table_is_kept_beside_headers_too(old: dict[str, Document]) -> None:
    assert old["headed.doc"].text == "Fees 收费\n厂房 | 18元"


@needs_office
@pytest.mark.slow
def test_a_second_build_converts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.rtf").write_bytes(rb"{\rtf1\ansi\ansicpg936 Hall A is open.\par}")
    office = libreoffice(tmp_path / "cache")
    (first,) = read_corpus(tmp_path / "corpus", office=office).documents
    monkeypatch.setattr(Processes, "run", None)
    (second,) = read_corpus(tmp_path / "corpus", office=office).documents
    assert first == second and first.text == "Hall A is open."
    office.forget_unused(time.time())
    assert len([*(tmp_path / "cache" / "converted").iterdir()]) == 1
    office.forget_unused(time.time() + (conversion.KEPT_DAYS + 1) * 86_400)
    assert not [*(tmp_path / "cache" / "converted").iterdir()]


@pytest.fixture
def asked_for() -> Iterator[tuple[int, list[str]]]:
    """A web server of this machine: its port, and what was asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1], asked
    server.shutdown()
    thread.join()
    server.server_close()


def linking_odt(port: int, secret: Path) -> bytes:
    """A text with a picture and sections that lie elsewhere."""
    names = "office text drawing xlink svg-compatible".split()
    prefixes = dict(zip(names, ("office", "text", "draw", "xlink", "svg"), strict=True))
    urns = {name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in names}
    urns["xlink"] = "http://www.w3.org/1999/xlink"
    spaces = " ".join(f'xmlns:{prefixes[name]}="{urns[name]}"' for name in names)
    section = '<text:section text:name="{0}"><text:section-source xlink:href="{1}" xlink:type="simple"/></text:section>'
    there = f"http://127.0.0.1:{port}"
    body = (
        f'<text:p>班车八点发车。</text:p><text:p><draw:frame svg:width="5cm" svg:height="5cm"><draw:image xlink:href='
        f'"{there}/picture.png" xlink:type="simple"/></draw:frame></text:p>'
        f"{section.format('a', f'{there}/a.txt')}{section.format('b', secret.as_uri())}"
    )
    kind = "application/vnd.oasis.opendocument.text"
    listed = "".join(
        f'<m:file-entry m:full-path="{path}" m:media-type="{media}"/>'
        for path, media in (("/", kind), ("content.xml", "text/xml"))
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", kind)
        package.writestr(
            "content.xml",
            f'<office:document-content {spaces} office:version="1.2"><office:body><office:text>{body}</office:text>'
            "</office:body></office:document-content>",
        )
        package.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{listed}</m:manifest>',
        )
    return buffer.getvalue()


@needs_office
@pytest.mark.slow
def test_what_a_file_links_to_is_neither_asked_for_nor_read(tmp_path: Path, asked_for: tuple[int, list[str]]) -> None:
    port, asked = asked_for
    (tmp_path / "corpus").mkdir()
    secret = tmp_path / "secret.txt"
    secret.write_text("机密", encoding="utf-8")
    (tmp_path / "corpus" / "a.odt").write_bytes(linking_odt(port, secret))
    (document,) = read_corpus(tmp_path / "corpus", office=libreoffice(tmp_path / "cache")).documents
    assert "班车八点发车。" in document.text and "机密" not in document.text
    assert asked == []


@needs_office
@pytest.mark.slow
def test_a_file_that_libreoffice_cannot_open_is_named_with_the_cure(tmp_path: Path) -> None:
    made = saved_as(tmp_path / "made", {"a.xlsx": (papers.firms_xlsx(), ".xls")})["a.xls"]
    first = made.index(b"\x09\x08\x10\x00") + 20  # the record behind the first one
    (tmp_path / "a.xls").write_bytes(made[:first] + b"\x2f\x00" + made[first + 2 :])  # says that it is encrypted
    (error,) = read_corpus(tmp_path, office=libreoffice(tmp_path / "cache")).failed
    assert "密码" in error.zh and "另存为 .xlsx" in error.zh


# Without it, or with another program in its place


@pytest.mark.slow
def test_without_libreoffice_reason_and_cure_are_named(tmp_path: Path) -> None:
    for suffix in OFFICE:
        (tmp_path / f"a{suffix}").write_bytes(OLE)
    failed = read_corpus(tmp_path).failed
    assert [error.path for error in failed] == sorted(f"a{suffix}" for suffix in OFFICE)
    for error in failed:
        target = OFFICE[Path(error.path).suffix]
        assert f"请另存为 {target}，或装上 LibreOffice" in error.zh and f"save it as {target} or install" in error.en


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "raw", "text"),
    [
        ("a.xls", "<html><table><tr><td>楼栋</td></tr><tr><td>1号楼</td></tr></table>".encode(), "1号楼"),
        ("a.xls", "楼栋\t租金\n1号楼\t35\n".encode("gb18030"), "1号楼 | 35"),
        ("a.doc", "<HTML><BODY><P>班车八点发车。</P></BODY></HTML>".encode("utf-16"), "班车八点发车。"),
        ("a.doc", "MIME-Version: 1.0\nContent-Type: text/html\n\n<p>班车八点。".encode("gb18030"), "班车八点。"),
    ],
)  # fmt: skip
def test_text_in_a_file_of_an_old_name_is_read_as_what_it_is(tmp_path: Path, name: str, raw: bytes, text: str) -> None:
    (tmp_path / name).write_bytes(raw)
    (document,) = read_corpus(tmp_path).documents
    assert text in document.text and not document.converted


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize(
    ("name", "raw", "part"),
    [
        ("a.doc", b"", "空"),
        ("a.doc", papers.guide_docx(), "改成 .docx"),
        ("a.xls", papers.handbook_pdf(), "改成 .pdf"),
        ("a.rtf", b"hello", "另存为 .docx"),
        ("a.xls", OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("a.ppt", bytes(300), "另存为 .pptx"),
        ("a.doc", OLE, "损坏"),
        ("a.doc", OLE[:30] + b"\xff\xff" + OLE[32:], "损坏"),
        ("a.doc", OLE[:8], "损坏"),
    ],
)
def test_what_no_conversion_can_help_is_named_and_not_converted(
    tmp_path: Path, name: str, raw: bytes, part: str
) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / name).write_bytes(raw)
    office = Office(stand_in(tmp_path, 'raise SystemExit("must not run")'), tmp_path / "cache")
    (error,) = read_corpus(tmp_path / "corpus", office=office).failed
    assert part in error.zh


@pytest.mark.slow
@POSIX
def test_one_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    body = (
        f"{ANSWERS}\nif '--version' not in argv:\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"    open({str(tmp_path / 'pids')!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "    time.sleep(600)"
    )
    office = Office(stand_in(tmp_path, body), tmp_path / "cache")
    began = time.monotonic()
    with pytest.raises(Unreadable, match="within 3 seconds"):
        office.convert(OLE, ".doc", ".doc", 1)
    assert time.monotonic() - began < 60
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    end = time.monotonic() + 60
    while any(map(_runs, pids)) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(map(_runs, pids))
    assert not [*(tmp_path / "cache").glob("*")]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


@POSIX
def test_it_sees_no_setting_of_ours_and_writes_nothing_beside_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARKQA_STORE", "postgresql://user:secret@host/name")
    body = (
        f"{ANSWERS}\nif '--version' not in argv:\n"
        "    out = argv[argv.index('--outdir') + 1]\n"
        "    os.makedirs(out)\n"
        "    open(os.path.join(out, 'document.docx'), 'w').write(repr(dict(os.environ)) + ' ' + os.getcwd())"
    )
    program = stand_in(tmp_path, body)
    made = Office(program, tmp_path / "cache").convert(OLE, ".doc", ".wps", 30)
    seen = made.read_text()
    assert "secret" not in seen and str(Path.home()) not in seen.replace(os.environ["PATH"], "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "soffice"]


@POSIX
def test_a_part_that_is_not_installed_is_named(tmp_path: Path) -> None:
    (tmp_path / "libswlo.so").touch()
    office = Office(stand_in(tmp_path, ANSWERS), tmp_path / "cache")
    assert office.reads(".doc") and not office.reads(".ppt")
    assert "不读 .ppt" in described(office)[0] and described(office)[0].startswith("LibreOffice 9.9.9，读 .doc")
    with pytest.raises(Unreadable, match="libreoffice-impress"):
        office.convert(OLE, ".ppt", ".dps", 1)


@POSIX
def test_check_says_which_old_formats_are_read(tmp_path: Path) -> None:
    program = stand_in(tmp_path, ANSWERS)
    seen = look(*OLD_FORMATS, load_settings(office=str(program)))
    assert seen.ok and "LibreOffice 9.9.9，读 .doc" in seen.line() and "reads .doc" in seen.line()
    without = look(*OLD_FORMATS, load_settings(office="off"))
    assert without.ok and "不读 .doc" in without.line()
    wrong = look(*OLD_FORMATS, load_settings(office=str(tmp_path / "none")))
    assert not wrong.ok and "PARKQA_OFFICE" in wrong.line()


@POSIX
def test_the_setting_names_the_program_or_turns_it_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = stand_in(tmp_path, ANSWERS)
    monkeypatch.setattr(conversion, "_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (there := found(load_settings())) is not None and there.program == program
    assert found(load_settings(office="off")) is None
    assert (named := found(load_settings(office=str(program)))) is not None and named.program == program
    with pytest.raises(SettingsError, match="PARKQA_OFFICE"):
        found(load_settings(office=str(tmp_path / "none")))
    monkeypatch.setenv("PATH", "")
    assert found(load_settings()) is None
    assert described(None)[0].startswith("没有找到 LibreOffice，不读 .doc")


@POSIX
def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    body = (
        f"{ANSWERS}\nif '--version' not in argv:\n"
        "    out = argv[argv.index('--outdir') + 1]\n"
        "    os.makedirs(out)\n"
        "    open(os.path.join(out, 'document.docx'), 'w').write('x')"
    )
    with pytest.raises(Unreadable, match="PARKQA_CACHE"):
        Office(stand_in(tmp_path, body), tmp_path / "cache").convert(OLE, ".doc", ".doc", 30)


def test_passages_of_a_converted_file_are_slices(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes("楼栋\t租金\n1号楼\t35\n".encode())
    read = read_corpus(tmp_path, limits=Limits())
    document = read.documents[0]
    for passage in read.passages["a.xls"]:
        assert document.text[passage.start : passage.end] == passage.text
    assert heading_path(read.passages["a.xls"][-1]) == "楼栋 | 租金"
