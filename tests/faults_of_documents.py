"""Faults of the documents: a corpus that goes away, files without end, too many, too long, and little memory."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections import Counter

import papers
from fault_place import NEW, OLD, Place, Skip, served
from parkqa.store.local.index import open_index

FILES = 5000
"""Small files at once."""
LINE = "园区产业发展迅速" * (50 * 1024**2 // 24)
"""50 MB in UTF-8."""
MEMORY = (4000, 1500, 1000, 700, 500, 300)
"""MB of address space for one build each."""


def corpus_deleted(*_: object) -> str:
    """The corpus is deleted and comes back, under ``--watch``."""
    with served(watch=True) as place:
        away = place.folder / "away"
        place.settings.corpus.rename(away)
        said = place.said("build_error")
        place.visit()
        away.rename(place.settings.corpus)
        place.write(NEW)
        place.taken_over()
        place.visit()
    return f"said: {said}; answered all the while, and took the folder over when it was back"


def endless_file(*_: object) -> str:
    """A file that no reader comes to the end of is put there, under ``--watch``."""
    with served(watch=True, read_seconds=2) as place:
        (place.settings.corpus / "表.pdf").write_bytes(papers.endless_pdf())
        place.write(NEW)
        place.taken_over()
        place.visit()
        place.write(OLD)
        place.taken_over()
        place.visit()
    return "it was left out, and what changed beside it was taken over, twice"


def small_files(place: Place, *_: object) -> str:
    """Thousands of small files."""
    names = [place.settings.corpus / f"短{number}.md" for number in range(FILES)]
    for number, path in enumerate(names):
        path.write_text(f"# 短文{number}\n\n{number}号楼在园区。\n", encoding="utf-8")
    began = time.monotonic()
    try:
        _built(place)
        assert len(open_index(place.settings.index).documents) >= FILES
        took = time.monotonic() - began
    finally:
        for path in names:
            path.unlink()
    return f"{FILES} read, built, opened and asked in {took:.0f} s"


def long_line(place: Place, *_: object) -> str:
    """A text file of one line of 50 MB."""
    path = place.settings.corpus / "长.txt"
    path.write_text(LINE, encoding="utf-8")
    place.texts[hashlib.sha256(LINE.encode()).hexdigest()] = LINE
    began = time.monotonic()
    try:
        _built(place)
        passages = open_index(place.settings.index).passages
        took = time.monotonic() - began
        used = [passage for passage in passages if passage.document == path.name]
        assert 0 < len(used) <= place.settings.passages_per_file
        assert max(len(passage.text) for passage in used) < 2000
    finally:
        path.unlink()
    return f"{len(used)} passages of it are used; read, built, opened and asked in {took:.0f} s"


def little_memory(place: Place, *_: object) -> str:
    """Builds with less and less memory (``ulimit -v``), of a corpus with a Word file."""
    if sys.platform != "linux":
        raise Skip("needs Linux, which limits the memory of a process")
    path = place.settings.corpus / "指南.docx"
    path.write_bytes(papers.guide_docx())
    seen: Counter[str] = Counter()
    try:
        for number, megabytes in enumerate(MEMORY):
            before, wanted = place.opened(), ("new", "old")[number % 2]
            place.write((NEW, OLD)[number % 2])
            command = ["sh", "-c", f'ulimit -v {megabytes * 1024}; exec "$@"', "sh", *place.command]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
            assert place.opened() == (before if done.returncode else wanted)
            place.visit()
            if done.stdout and done.returncode > 0:  # it had come as far as building
                assert "Traceback" not in done.stderr, done.stderr
            seen["not built" if done.returncode else "built"] += 1
    finally:
        path.unlink()
    assert seen["built"], "with 4 GB it is built"
    return f"{dict(seen)} with {', '.join(map(str, MEMORY))} MB; each time the old index or the new one answered"


def _built(place: Place) -> None:
    """Build with the new version of the document, and see it answer."""
    place.write(NEW)
    place.build()
    assert place.opened() == "new"
    place.taken_over()
    place.visit()
