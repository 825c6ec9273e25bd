"""The recogniser itself, on scans made for it: characters, digits, tables, turned pages, and pages that kill it."""

from __future__ import annotations

import difflib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import scans
from parkqa.corpus.documents import read_corpus, read_with_notes
from parkqa.corpus.limits import Limits
from parkqa.corpus.readers import pictures
from parkqa.corpus.readers.scans import Picture
from parkqa.corpus.recognition import PROGRAM, Recogniser, version
from parkqa.corpus.workers import Worker
from parkqa.types import Document

pytestmark = [pytest.mark.slow, scans.needs_font()]


@pytest.fixture(scope="module")
def recogniser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recogniser]:
    assert version(), "the extra ocr is missing: pip install -c constraints.txt -e '.[ocr]'"
    with Recogniser(tmp_path_factory.mktemp("ocr"), Limits()) as made:
        yield made


def read(folder: Path, name: str, raw: bytes, recogniser: Recogniser) -> Document:
    (folder / name).write_bytes(raw)
    return read_with_notes(folder / name, folder, recogniser.of(name))[0]


def share(truth: str, text: str) -> float:
    blocks = difflib.SequenceMatcher(None, truth, "".join(text.split()), autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(truth)


def digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


@pytest.mark.parametrize(("dpi", "skew"), [(100, 2.5), (200, -2.5)])
@pytest.mark.parametrize("lines", [scans.NOTICE, scans.RULES])
def test_nearly_every_character_and_every_digit_of_a_scan_is_read(
    tmp_path: Path, recogniser: Recogniser, lines: tuple[tuple[str, str], ...], dpi: int, skew: float
) -> None:
    raw = scans.as_file([scans.Sheet(dpi).write(lines).scanned(skew)], "JPEG", dpi)
    document = read(tmp_path, "扫描.jpg", raw, recogniser)
    truth = scans.words(lines)
    assert share(truth, document.text) >= 0.99
    assert digits(document.text) == digits(truth)
    assert document.title == lines[0][1]
    paragraphs = [text for kind, text in lines if kind == "text"]
    read_ = ["".join(document.text[b.start : b.end].split()) for b in document.blocks if b.kind == "paragraph"]
    assert all(any(share("".join(text.split()), each) > 0.95 for each in read_) for text in paragraphs)
    assert abs(document.leaves[0].skew - skew) < 0.3


@pytest.mark.parametrize("turn", [0, 90, 180])
def test_a_ruled_table_is_read_row_by_row_however_the_page_lies(
    tmp_path: Path, recogniser: Recogniser, turn: int
) -> None:
    sheet = scans.Sheet(100)
    sheet.title("园区房屋租金标准")
    sheet.table(scans.TABLE)
    image = sheet.scanned(1.5).rotate(turn, expand=True)
    document = read(tmp_path, "租金.png", scans.as_file([image], "PNG"), recogniser)
    rows = ["".join(document.text[b.start : b.end].split()) for b in document.blocks if b.kind == "row"]
    assert rows == ["|".join(row) for row in scans.TABLE[1:]]
    assert document.leaves[0].turn == {0: 0, 90: 90, 180: 180}[turn]


def test_a_pdf_of_scans_is_built_once_and_pictures_of_nothing_are_named(tmp_path: Path, recogniser: Recogniser) -> None:
    pages = [scans.Sheet(100).write(lines).scanned(1.0) for lines in (scans.NOTICE, scans.RULES)]
    (tmp_path / "两份.pdf").write_bytes(scans.as_file(pages, "PDF", 100))
    blank = scans.Sheet(100).scanned()
    (tmp_path / "空白.png").write_bytes(scans.as_file([blank], "PNG"))
    corpus = read_corpus(tmp_path, recogniser=recogniser)
    (document,) = corpus.documents
    assert {block.page for block in document.blocks if block.kind != "break"} == {1, 2}
    assert "限高2.1米" in document.text and "0510-86005678" in document.text
    assert [note.path for note in corpus.notes] == ["空白.png"] and not corpus.failed


def test_a_process_that_is_killed_costs_one_page(recogniser: Recogniser) -> None:
    page = pictures.of_image(scans.Sheet(60).write(scans.NOTICE).scanned(0.5))
    assert recogniser.recognise(page) is not None
    assert recogniser._worker is not None
    process = psutil.Process(recogniser._worker._process.pid)
    assert process.nice() == (19 if sys.platform != "win32" else psutil.IDLE_PRIORITY_CLASS)
    process.kill()
    process.wait()
    other = pictures.of_image(scans.Sheet(60).write(scans.RULES).scanned(0.5))
    assert recogniser.recognise(other) is None
    assert recogniser.recognise(other) is not None


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU"), reason="time of the processor is not limited on Windows")
def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    page = pictures.of_image(scans.Sheet(200).write(scans.NOTICE).scanned())
    with Recogniser(tmp_path, Limits(seconds=1)) as hasty:
        assert hasty.recognise(page) is None


def test_a_picture_on_which_the_libraries_fail_gives_none() -> None:
    worker = Worker(PROGRAM)
    try:
        from parkqa.corpus.recognition import Task

        assert worker.ask(Task(Picture(10, 10, b"too few"), Limits()), Limits()) is None
    finally:
        worker.end()


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="a network can be taken away on Linux, by root"
)
def test_nothing_is_downloaded(tmp_path: Path) -> None:
    raw = scans.as_file([scans.Sheet(60).write(scans.NOTICE).scanned()], "PNG")
    (tmp_path / "a.png").write_bytes(raw)
    run = subprocess.run(
        ["unshare", "-n", sys.executable, "-m", "parkqa", "read", str(tmp_path / "a.png")],
        capture_output=True,
        text=True,
        env=os.environ | {"PARKQA_OCR": "auto", "PARKQA_CACHE": str(tmp_path / "cache")},
        check=False,
    )
    assert "限高2.1米" in run.stdout, run.stderr
