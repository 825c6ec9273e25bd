"""A file that takes too long, takes too much memory or kills its reader is left out; all others are read."""

from __future__ import annotations

import io
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest

from papers import endless_pdf, saved
from parkqa.corpus import child, processes
from parkqa.corpus.documents import read_corpus
from parkqa.corpus.limits import PIECES, SMALL, Job, Limits
from parkqa.corpus.processes import CHILDREN, Readers
from parkqa.corpus.program import GRACE
from parkqa.corpus.workers import Worker
from parkqa.errors import CorpusError, DocumentError


def guide() -> bytes:
    document = docx.Document()
    document.add_paragraph("园区食堂在一楼。")
    return saved(document)


@pytest.fixture(autouse=True)
def _own_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about the processes: none is kept from one to the next."""
    monkeypatch.setattr(processes, "Worker", Worker)


@pytest.fixture
def readers() -> Iterator[Readers]:
    with Readers() as made:
        yield made


def job(path: Path, seconds: int = 60, passages: int = 20_000) -> Job:
    return Job(path, path.parent, {}, Limits(seconds, passages))


@pytest.mark.slow
def test_a_file_that_takes_too_long_is_left_out_and_the_others_are_read(tmp_path: Path) -> None:
    for number in range(CHILDREN + 1):
        (tmp_path / f"{number}.pdf").write_bytes(endless_pdf())
    (tmp_path / "好.docx").write_bytes(guide())
    (tmp_path / "好.md").write_text("# 园区\n\n园区很大。\n", encoding="utf-8")
    began = time.monotonic()
    corpus = read_corpus(tmp_path, limits=Limits(seconds=2))
    assert time.monotonic() - began < 300
    assert [document.path for document in corpus.documents] == ["好.docx", "好.md"]
    assert [error.path for error in corpus.failed] == ["0.pdf", "1.pdf", "2.pdf"]
    assert "2 秒" in corpus.failed[0].zh and "PARKQA_READ_SECONDS" in corpus.failed[0].zh
    assert "within 2 seconds" in corpus.failed[0].en
    assert corpus.passages["好.docx"][0].text == "园区食堂在一楼。"


@pytest.mark.slow
def test_a_reader_that_dies_is_replaced(tmp_path: Path, readers: Readers) -> None:
    (tmp_path / "a.pdf").write_bytes(endless_pdf())
    (tmp_path / "b.docx").write_bytes(guide())
    reading = readers.submit(job(tmp_path / "a.pdf"), "a.pdf")
    while not readers._children:
        time.sleep(0.05)
    (process,) = readers._children
    process._process.kill()
    with pytest.raises(DocumentError, match="crashed"):
        reading.result(300)
    assert readers.submit(job(tmp_path / "b.docx"), "b.docx").result(300).document.text == "园区食堂在一楼。"


def test_a_reader_that_does_not_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b.docx").write_bytes(guide())
    for program in ("/no/such/python", shutil.which("false")):
        monkeypatch.setattr(sys, "executable", program)
        with pytest.raises(CorpusError, match="cannot be started"):
            read_corpus(tmp_path)


def test_few_processes_read_many_files_and_none_is_left(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.html").write_text(f"<p>第{number}号楼在园区。</p>", encoding="utf-8")
    with Readers() as readers:
        found = [readers.submit(job(path), path.name) for path in sorted(tmp_path.iterdir())]
        assert len({reading.result(300).document.sha256 for reading in found}) == 20
        processes = [each._process for each in readers._children]
    assert 1 <= len(processes) <= CHILDREN
    assert all(process.poll() is not None for process in processes)


def test_small_plain_files_need_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    (tmp_path / "a.md").write_text("园区。" * (SMALL // 9), encoding="utf-8")
    (tmp_path / "b.txt").write_text("园区很大。", encoding="utf-8")
    assert len(read_corpus(tmp_path).documents) == 2
    (tmp_path / "a.md").write_text("园区。" * (SMALL // 9 + 1), encoding="utf-8")
    with pytest.raises(CorpusError):
        read_corpus(tmp_path)


def test_what_is_left_out_beyond_the_limit_of_passages_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("".join(f"第{n}段。\n\n" for n in range(30)), encoding="utf-8")
    corpus = read_corpus(tmp_path, limits=Limits(passages=20))
    assert len(corpus.passages["a.md"]) == 20 and not corpus.failed
    (note,) = corpus.notes
    assert "30 段" in note.zh and "20 段" in note.zh and "PARKQA_PASSAGES_PER_FILE" in note.en


def test_the_limit_of_passages_bounds_their_sentences_too(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(("短。" * 100 + "\n\n") * 10, encoding="utf-8")
    passages = read_corpus(tmp_path, limits=Limits(passages=10)).passages["a.md"]
    assert sum(len(passage.spans) for passage in passages) == PIECES * 10 == 100


@pytest.mark.slow
def test_a_process_of_a_background_build_may_read(tmp_path: Path) -> None:
    (tmp_path / "b.docx").write_bytes(guide())
    process = multiprocessing.get_context("spawn").Process(target=read_corpus, args=(tmp_path,), daemon=True)
    process.start()
    process.join(300)
    assert process.exitcode == 0


@pytest.mark.slow
def test_the_program_of_a_process_imports_no_model() -> None:
    code = "import parkqa.corpus.child, sys; print({'torch', 'faiss', 'gradio', 'jieba'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_lack_of_memory_is_said_and_the_process_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(child, "read_file", greedy)
    answer, _ = child._packed(job(tmp_path / "a.pdf"))
    assert isinstance(answer, child.Failure) and answer.last
    assert "2 GB" in answer.zh and "2 GB" in answer.en


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is limited on Linux")
def test_a_word_file_of_millions_of_paragraphs_is_left_out_for_its_memory(tmp_path: Path) -> None:
    word = zipfile.ZipFile(io.BytesIO(guide()))
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in word.namelist():
            body = word.read(name)
            if name == "word/document.xml":
                body = body.replace(b"<w:p>", b"<w:p/>" * 20_000_000 + b"<w:p>", 1)
            bomb.writestr(name, body)
    (error,) = read_corpus(tmp_path, limits=Limits(seconds=300)).failed
    assert "2 GB" in error.zh


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="it is told by the process's parent")
def test_a_process_whose_parent_was_killed_ends_by_itself(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(endless_pdf())
    code = f"""
import sys, threading, time
from pathlib import Path
from parkqa.corpus.limits import Job, Limits
from parkqa.corpus.program import GRACE
from parkqa.corpus.workers import Worker
from parkqa.corpus.processes import Readers
readers = Readers()
readers.submit(Job(Path({str(tmp_path / "a.pdf")!r}), Path({str(tmp_path)!r}), {{}}, Limits(seconds=2)), "a.pdf")
while not any(child._busy for child in readers._children):
    time.sleep(0.05)
print(*(child._process.pid for child in readers._children), flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    end = time.monotonic() + Limits(seconds=2).patience + GRACE + 10
    while _lives(pid):
        assert time.monotonic() < end
        time.sleep(0.2)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] if _proc() else True


def _proc() -> bool:
    return Path("/proc").is_dir()


@pytest.mark.slow
def test_no_thread_is_left(tmp_path: Path) -> None:
    (tmp_path / "b.docx").write_bytes(guide())
    read_corpus(tmp_path)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("parkqa-read")]
