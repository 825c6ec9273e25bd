"""Does to an index what should never happen to it, and looks each time whether visitors notice.

    python tests/faults.py --moments 50

A server answers all the while. After each fault its answers, and those of an engine opened anew, must be whole, and
each quote the slice of the old text or of the new one that it says. The model is a stub: it gives the same vectors
in every process and takes no time, so that moments fall into every stage of a build. Exit status 1 when one failed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

import papers
from browsers import serving, variables
from engines import settings_for
from parkqa.cli.check import examine
from parkqa.corpus.documents import read_document
from parkqa.engine import Engine
from parkqa.errors import IndexDamaged, IndexMismatch, ParkqaError
from parkqa.models import loading
from parkqa.settings import Settings, load_settings
from parkqa.store.local.versions import MANIFEST, current_version, point, verify
from parkqa.store.manifest import FORMAT
from parkqa.types import Encoder
from parkqa.web.serving.background_build import start
from parkqa.web.serving.loader import Started
from stubs import StubEncoder

HERE = Path(__file__).parent
QUESTIONS = ("食堂的晚饭几点开始？", "园区什么时候成立的？", "新兴产业有哪些？")
OLD, NEW = "# 食堂\n\n食堂的晚饭五点半开始。\n", "# 食堂\n\n食堂的晚饭六点开始，周末休息。\n"
STATES = {"old": OLD, "new": NEW}
SMALL = 64 * 1024
"""Bytes that a full disk has left."""


class Skip(Exception):
    """Why a fault cannot be tried on this machine."""


class Place:
    """A corpus with one document that has two versions, its index, and a server that answers from it."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder, self.url = folder, url
        self.settings: Settings = load_settings(corpus=folder / "corpus", index=folder / "index")
        self.texts: dict[str, str] = {}

    def write(self, text: str) -> None:
        """Make ``text`` the changing document; remember every text that may be quoted."""
        (self.settings.corpus / "食堂.md").write_text(text, encoding="utf-8")
        for path in [*self.settings.corpus.glob("*.md"), *self.settings.corpus.glob("*.txt")]:
            document = read_document(path, self.settings.corpus)
            self.texts[document.sha256] = document.text

    def build(self, encoder: Encoder | None = None) -> None:
        Engine.build(self.settings, encoder=encoder or StubEncoder())

    def builder(self) -> subprocess.Popen[str]:
        """A process that says when it begins to build."""
        command = [sys.executable, str(Path(__file__)), "--build", str(self.folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        return process

    def opened(self) -> str:
        """Which of the two an engine opened now answers from; all it quotes is checked."""
        engine = Engine.open(self.settings, StubEncoder())
        for question in QUESTIONS:
            self.check(engine.ask(question).to_dict())
        (state,) = {name for name, text in STATES.items() if text.split("\n")[2] in engine.documents["食堂.md"].text}
        return state

    def visit(self) -> None:
        """Ask the server, which must be ready and answer."""
        assert httpx.get(f"{self.url}/readyz").status_code == 200
        for question in QUESTIONS:
            reply = httpx.post(f"{self.url}/api/ask", json={"question": question}, timeout=30)
            assert reply.status_code == 200, reply.text
            self.check(reply.json())

    def check(self, answer: dict[str, object]) -> None:
        quotes = [*answer["quotes"], *answer["related"]]  # type: ignore[misc]
        assert quotes
        for quote in quotes:
            assert self.texts[quote["sha256"]][quote["start"] : quote["end"]] == quote["text"], quote

    def files(self) -> Iterator[Path]:
        """The pointer and the files of the version it names."""
        yield self.settings.index / "current"
        for path in sorted(self.version().rglob("*")):
            if path.is_file():
                yield path

    def version(self) -> Path:
        return self.settings.index / Path((self.settings.index / "current").read_text().split("  ")[1].strip()).parent

    def taken_over(self) -> None:
        """Wait until the server has nothing to complain of and shows the document as it is."""
        engine = Engine.open(self.settings, StubEncoder())
        sha, end = engine.documents["食堂.md"].sha256, time.monotonic() + 300
        while sha[:12] not in httpx.get(f"{self.url}/source/食堂.md").text or len(self.ready()) > 1:
            assert time.monotonic() < end, self.ready()
            time.sleep(0.1)

    def ready(self) -> dict[str, str]:
        said: dict[str, str] = httpx.get(f"{self.url}/readyz").raise_for_status().json()
        return said


def killed(place: Place, dice: random.Random, moments: int) -> str:
    """``kill -9`` at random moments of a build."""
    place.write(NEW)
    process, began = place.builder(), time.monotonic()
    process.communicate()
    longest = time.monotonic() - began
    seen: Counter[str] = Counter()
    for moment in range(moments):
        place.write((OLD, NEW)[moment % 2])
        process = place.builder()
        try:
            process.wait(dice.uniform(0, longest))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        seen["killed" if process.returncode else "ended before"] += 1
        seen[place.opened()] += 1
        place.visit()
    place.write(NEW)
    place.build()
    assert place.opened() == "new"
    assert not (place.settings.index / "aside").exists(), "what a killed build left is cleaned by the next"
    assert len([*(place.settings.index / "versions").iterdir()]) <= 2
    return f"{moments} moments: {dict(seen)}; the next build was whole and left nothing behind"


def full_disk(place: Place, *_: object) -> str:
    """A build onto a disk that has no room."""
    with _disk(place, "size=2m"):
        filler = place.settings.index / "filler"
        free = shutil.disk_usage(place.settings.index).free
        filler.write_bytes(b"\0" * max(free - SMALL, 0))
        error = _failing(place, "No space left on device")
        filler.unlink()
        _changed_and_built(place)
    return f"said: {error}; with room again the next build was whole"


def read_only(place: Place, *_: object) -> str:
    """A build into a folder that cannot be written; a server started on it."""
    with _disk(place, "size=8m"):
        subprocess.run(["mount", "-o", "remount,ro", place.settings.index], check=True)
        error = _failing(place, "Read-only file system")
        started = _started(place.settings)
        engine, fault = started.engine, started.fault
        assert fault is not None
        place.check(engine.ask(QUESTIONS[0]).to_dict())
        subprocess.run(["mount", "-o", "remount,rw", place.settings.index], check=True)
        _changed_and_built(place)
    return f"said: {error}; a server started on it answered from the old index"


def _failing(place: Place, word: str) -> str:
    """Build a change that cannot be written; return what is said."""
    before = place.opened()
    place.write(NEW if before == "old" else OLD)
    try:
        place.build()
    except ParkqaError as error:
        assert word in error.en
        said = error.en
    else:
        raise AssertionError("it was built")
    assert place.opened() == before
    place.visit()
    return said.split(" (")[1].split(")")[0]


def _changed_and_built(place: Place) -> None:
    place.write(NEW)
    place.build()
    assert place.opened() == "new"
    place.visit()


@contextmanager
def _disk(place: Place, size: str) -> Iterator[None]:
    """The index on a disk of its own."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise Skip("needs Linux and root, to mount a small disk")
    index = place.settings.index
    away = index.with_name("away")
    index.rename(away)
    index.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", index], check=False, capture_output=True)
    try:
        if mounted.returncode:
            raise Skip("a small disk cannot be mounted here")
        shutil.copytree(away, index, dirs_exist_ok=True)
        yield
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", index], check=True)
        index.rmdir()
        away.rename(index)


def two_at_once(place: Place, *_: object) -> str:
    """Two builds at once: the second waits."""
    place.write(NEW)
    both = [place.builder(), place.builder()]
    assert [process.wait(300) for process in both] == [0, 0]
    for process in both:
        process.communicate()
    assert place.opened() == "new"
    assert verify(place.settings.index) == []
    place.visit()
    return "both ended well, one after the other"


def flipped(place: Place, dice: random.Random, *_: object) -> str:
    """One byte altered in each file of the index in turn, where it lies; then the file emptied."""
    names = []
    for path in [*place.files()]:
        raw = path.read_bytes()
        at = dice.randrange(len(raw))
        try:
            for damaged in (raw[:at] + bytes([raw[at] ^ 1 << dice.randrange(8)]) + raw[at + 1 :], b""):
                path.write_bytes(damaged)
                _named(place, path)
                place.visit()
        finally:
            path.write_bytes(raw)
        names.append(path.name)
    place.opened()
    return f"each was named at opening and by parkqa check: {', '.join(names)}"


def _named(place: Place, path: Path) -> None:
    try:
        place.opened()
    except IndexDamaged as error:
        assert path.name in error.file
    else:
        raise AssertionError(f"{path} was served")
    assert path.name in _check(place.settings), "parkqa check names it too"


def _check(settings: Settings) -> str:
    """What ``parkqa check`` says of the index."""
    loading.load_encoder = lambda _: StubEncoder()
    return next(finding.detail for finding in examine(settings) if finding.name.endswith("index"))


def other_model(place: Place, *_: object) -> str:
    """The index was made with another model."""
    try:
        Engine.open(place.settings, StubEncoder("stub-2"))
    except IndexMismatch as error:
        said = error.en
    assert "parkqa build" in said
    place.build(StubEncoder("stub-2"))
    place.visit()
    place.build()
    place.taken_over()
    place.visit()
    return f"said: {said}"


def older_format(place: Place, *_: object) -> str:
    """The index was written by an older parkqa."""
    raw = json.dumps(json.loads((place.version() / MANIFEST).read_bytes()) | {"format": FORMAT - 1}).encode()
    older = place.version().with_name(hashlib.sha256(raw).hexdigest()[:16])
    shutil.copytree(place.version(), older)
    (older / MANIFEST).write_bytes(raw)
    point(place.settings.index, older.name, raw)
    try:
        place.opened()
    except IndexMismatch as error:
        said = error.en
    assert "parkqa build" in said
    place.visit()
    started = _started(place.settings)
    engine, fault = started.engine, started.fault
    assert fault is None
    place.check(engine.ask(QUESTIONS[0]).to_dict())
    place.taken_over()
    place.visit()
    return f"said: {said} A server started on it built it anew"


def copied(place: Place, *_: object) -> str:
    """The index copied elsewhere."""
    there = place.folder / "园区 副本"
    shutil.copytree(place.settings.index, there)
    copy = Engine.open(place.settings.model_copy(update={"index": there}), StubEncoder())
    here = Engine.open(place.settings, StubEncoder())
    for question in QUESTIONS:
        one, two = copy.ask(question), here.ask(question)
        assert (one.quotes, one.related, one.confidence) == (two.quotes, two.related, two.confidence)
    assert current_version(there) == current_version(place.settings.index)
    shutil.rmtree(there)
    return "same answers"


def corpus_deleted(*_: object) -> str:
    """The corpus is deleted and comes back, under ``--watch``."""
    with served(watch=True) as place:
        away = place.folder / "away"
        place.settings.corpus.rename(away)
        said = _said(place, "build_error")
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


def _said(place: Place, key: str) -> str:
    """Wait until the server reports ``key``."""
    end = time.monotonic() + 300
    while not (said := place.ready().get(key)):
        assert time.monotonic() < end
        time.sleep(0.2)
    return said


def _started(settings: Settings) -> Started:
    """A server's start on what is there."""
    from parkqa.web.serving import background_build

    background_build.load_encoder = lambda _: StubEncoder()
    background_build.load_reranker = lambda _: None
    return start(settings, lambda encoder, reranker: Engine.build(settings, encoder=encoder, reranker=reranker))


Fault = Callable[[Place, random.Random, int], str]
FAULTS: tuple[Fault, ...] = (
    killed,
    full_disk,
    read_only,
    two_at_once,
    flipped,
    other_model,
    older_format,
    copied,
    corpus_deleted,
    endless_file,
)


@contextmanager
def served(**settings: object) -> Iterator[Place]:
    """A place of its own with the old index, and its server with ``settings`` of its own."""
    with tempfile.TemporaryDirectory(prefix="parkqa-faults-") as name:
        folder = Path(name)
        settings_for(folder)
        place = Place(folder)
        place.write(OLD)
        place.build()
        given = {"corpus": folder / "corpus", "index": folder / "index"}
        given |= {"port": 0, "journal": "none", "rate": "none", "watch": False, **settings}
        with serving([sys.executable, HERE / "serve_watched.py"], variables(given), folder, "/readyz") as url:
            place.url = url
            yield place


def suffer(place: Place, fault: Fault, dice: random.Random, moments: int) -> str:
    """Do it; afterwards a build makes the index whole again and the server takes it over."""
    place.write(OLD)
    place.build()
    place.taken_over()
    said = fault(place, dice, moments)
    place.visit()
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=50, help="moments of a build to kill it at")
    parser.add_argument("--seed", type=int, default=20031123)
    parser.add_argument("--build", type=Path, help="build in this folder: what the program starts itself for")
    given = parser.parse_args()
    if given.build:
        print("begins", flush=True)
        Place(given.build).build()
        return
    dice, failed = random.Random(given.seed), False
    with served() as place:
        for fault in FAULTS:
            began = time.monotonic()
            try:
                said = suffer(place, fault, dice, given.moments)
            except Skip as why:
                said = f"SKIPPED: {why}"
            except Exception as error:
                said, failed = f"FAILED: {error!r}", True
            print(f"{fault.__name__:14}{time.monotonic() - began:6.1f} s  {said}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
