"""Where faults are tried: a corpus with one document that has two versions, its index, and a server."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
from pydantic import SecretStr

from engines import settings_for
from parkqa.corpus.documents import read_document
from parkqa.engine import Engine
from parkqa.settings import Settings, load_settings
from parkqa.types import Encoder
from programs import serving, variables
from stubs import StubEncoder

HERE = Path(__file__).parent
QUESTIONS = ("食堂的晚饭几点开始？", "园区什么时候成立的？", "新兴产业有哪些？")
OLD, NEW = "# 食堂\n\n食堂的晚饭五点半开始。\n", "# 食堂\n\n食堂的晚饭六点开始，周末休息。\n"
STATES = {"old": OLD, "new": NEW}
LARGE = 1_000_000
"""Bytes of a file whose text a fault itself remembers."""
PATIENCE = 300
"""Seconds that nothing here takes, unless it hangs."""


class Skip(Exception):
    """Why a fault cannot be tried on this machine."""


class Place:
    """A corpus with one document that has two versions, its index, and a server that answers from it."""

    def __init__(self, folder: Path, url: str = "", store: SecretStr | None = None) -> None:
        """``store`` is the address of a database for the index; by default that of the environment."""
        given = {"store": store} if store else {}
        self.folder, self.url = folder, url
        self.settings: Settings = load_settings(corpus=folder / "corpus", index=folder / "index", **given)
        self.texts: dict[str, str] = {}

    def write(self, text: str) -> None:
        """Make ``text`` the changing document; remember every text that may be quoted."""
        (self.settings.corpus / "食堂.md").write_text(text, encoding="utf-8")
        for path in [*self.settings.corpus.glob("*.md"), *self.settings.corpus.glob("*.txt")]:
            if path.stat().st_size < LARGE:
                document = read_document(path, self.settings.corpus)
                self.texts[document.sha256] = document.text

    def build(self, encoder: Encoder | None = None) -> None:
        Engine.build(self.settings, encoder=encoder or StubEncoder())

    @property
    def command(self) -> list[str]:
        """What builds in a process of its own."""
        return [sys.executable, str(HERE / "faults.py"), "--build", str(self.folder)]

    def builder(self) -> subprocess.Popen[str]:
        """A process that says when it begins to build; it ends with 1 and a sentence where it cannot."""
        store = self.settings.store
        environment = os.environ | ({"PARKQA_STORE": store.get_secret_value()} if store else {})
        process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
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
        assert httpx.get(f"{self.url}/readyz", timeout=60).status_code == 200
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
        """Wait until the server has nothing to complain of and shows the document as the current index has it."""
        end = time.monotonic() + 300
        while not self._shown() or len(self.ready()) > 1:
            assert time.monotonic() < end, self.ready()
            time.sleep(0.5)

    def _shown(self) -> bool:
        """Whether the server shows the document of the index that is current now; under ``--watch`` it may change."""
        current = Engine.open(self.settings, StubEncoder()).documents["食堂.md"].sha256
        return current[:12] in httpx.get(f"{self.url}/source/食堂.md", timeout=60).text

    def ready(self) -> dict[str, str]:
        said: dict[str, str] = httpx.get(f"{self.url}/readyz", timeout=60).raise_for_status().json()
        return said

    def said(self, key: str) -> str:
        """Wait until the server reports ``key``; return what it says."""
        end = time.monotonic() + PATIENCE
        while not (said := self.ready().get(key)):
            assert time.monotonic() < end
            time.sleep(0.2)
        return said


Fault = Callable[[Place, random.Random, int], str]
"""Does its harm to a place, with so many moments to try; returns what was seen."""


@contextmanager
def served(store: SecretStr | None = None, **settings: object) -> Iterator[Place]:
    """A place of its own with the old index, and its server with ``settings`` of its own."""
    with tempfile.TemporaryDirectory(prefix="parkqa-faults-") as name:
        folder = Path(name)
        settings_for(folder)
        place = Place(folder, store=store)
        place.write(OLD)
        place.build()
        with _server(place, settings) as place.url:
            yield place


@contextmanager
def beside(place: Place, **settings: object) -> Iterator[Place]:
    """Another server on the corpus and the index of a place."""
    other = Place(place.folder, store=place.settings.store)
    other.texts = place.texts
    with _server(place, settings) as other.url:
        yield other


def _server(place: Place, settings: Mapping[str, object]) -> AbstractContextManager[str]:
    given: dict[str, object] = {"corpus": place.settings.corpus, "index": place.settings.index, "port": 0}
    given |= {"journal": "none", "rate": "none", "watch": False} | settings
    if place.settings.store:
        given["store"] = place.settings.store.get_secret_value()
    return serving([sys.executable, HERE / "serve_watched.py"], variables(given), place.folder, "/readyz")
