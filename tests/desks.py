"""A desk over a small corpus of its own, with the stub encoder, for the tests of the desk."""

from __future__ import annotations

import atexit
import html
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest
from httpx import Response
from starlette.testclient import TestClient

from apps import without_gradio
from engines import corpus
from parkqa.desk import accounts
from parkqa.desk.accounts import Accounts
from parkqa.desk.desk import Desk
from parkqa.desk.folder import Folder
from parkqa.engine import Engine
from parkqa.indexing.report import BuildReport
from parkqa.journal import entries
from parkqa.journal.entries import Entry
from parkqa.settings import Settings, load_settings
from parkqa.store.backend import backend
from parkqa.web.app import create_app
from stubs import StubEncoder
from waiting import until

RENT = "# 租金\n\n3号楼的租金是每平方米每月20元。\n"
LINE = "# 班车\n\n班车每天早上7点30分从地铁站发车。\n"
ME, SHE = ("小王", "127.0.0.1"), ("小李", "127.0.0.1")


def build(settings: Settings, engine: Engine, stop: Event) -> BuildReport:
    """What a server does in another process."""
    return Engine.build(settings, encoder=engine.encoder, reranker=engine.reranker)


class Office(SimpleNamespace):
    """A desk, its settings, and the engine that answers visitors, which follows the index."""

    desk: Desk
    settings: Settings
    opened: Engine | None

    @property
    def live(self) -> Engine:
        if self.opened is None or self.opened.version != backend(self.settings).version():
            self.opened = Engine.open(self.settings, StubEncoder())
        return self.opened

    def add(self, name: str, text: str | bytes, who: tuple[str, str] = ME) -> str:
        with self.desk.folder.aside() as place:
            (place / "file").write_bytes(text if isinstance(text, bytes) else text.encode())
            return self.desk.add(who, place / "file", name, "")

    def replace(self, name: str, text: str, seen: str | None = None, who: tuple[str, str] = ME) -> None:
        with self.desk.folder.aside() as place:
            (place / "file").write_text(text, encoding="utf-8")
            self.desk.replace(who, place / "file", name, self.seen(name) if seen is None else seen)

    def seen(self, name: str) -> str:
        return self.desk.library.row(name).file.sha

    def states(self) -> dict[str, tuple[str, ...]]:
        self.desk.library.read_pending()
        return {row.file.name: row.conditions for row in self.desk.library.rows()}

    def check(self) -> None:
        self.desk.check(ME)
        self.desk.candidate.work.wait(60)
        assert self.desk.candidate.work.fault is None

    def publish(self) -> None:
        self.check()
        found = self.desk.candidate.found()
        assert found
        self.desk.publish(ME, found.version)
        self.desk.candidate.work.wait(60)
        assert self.desk.candidate.work.fault is None

    def texts(self) -> dict[str, str]:
        """What lies in the corpus folder, hidden files too."""
        return {
            path.relative_to(self.settings.corpus).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(self.settings.corpus.rglob("*"))
            if path.is_file()
        }


@cache
def built(files: tuple[tuple[str, str], ...]) -> Path:
    """A corpus and its index, built once for all tests that begin with these files."""
    folder = tempfile.mkdtemp(prefix="parkqa-desk-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Engine.build(corpus(Path(folder), **dict(files)), encoder=StubEncoder())
    return Path(folder)


def office(folder: Path, make: Callable[..., BuildReport] = build, **files: str) -> Office:
    """A desk over a corpus of files whose names have ``_`` for ``.``."""
    shutil.copytree(built(tuple((files or {"租金_md": RENT, "班车_md": LINE}).items())), folder, dirs_exist_ok=True)
    return reopened(folder, make)


def record(folder: Path, *asked: tuple[str, str], disliked: str = "") -> None:
    """Write what visitors asked, and whether it was an ``answer`` or a ``refusal``, into the journal of a desk."""
    at = entries.stamp(datetime.now().astimezone())
    made = [Entry(str(n), at, "c", "chat", "zh", text, text, kind, 0.01, 9.0) for n, (text, kind) in enumerate(asked)]
    with closing(entries.connect(folder / "journal.db")) as connection:
        entries.write(connection, made)
        if disliked:
            entries.judge(connection, "0", False, disliked, datetime.now().astimezone())


def reopened(folder: Path, make: Callable[..., BuildReport] = build) -> Office:
    """The desk in a folder, as a server that starts there has it."""
    given = {name: folder / name for name in ("corpus", "index", "desk")}
    settings = load_settings(**given).model_copy(update={"journal": folder / "journal.db"})
    made = Office(folder=folder, settings=settings, opened=None)
    made.desk = Desk(settings, lambda: made.live, make)
    return made


PASSWORD = "一个很长的密码，别人猜不到"
HERE = ("127.0.0.1", 50_000)
URL = "http://127.0.0.1"


class Browser(SimpleNamespace):
    """A person in front of the desk: a client that keeps its cookies, and the token that the last page had."""

    client: TestClient
    office: Office

    def get(self, path: str) -> Response:
        return self.client.get(f"/desk{path}")

    def token(self, path: str = "/login") -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert found, "no token on the page"
        return found[1]

    def post(self, path: str, token: str | None = None, **fields: str) -> Response:
        given = {"csrf": self.token() if token is None else token, "back": "/desk/", **fields}
        return self.client.post(f"/desk{path}", data=given)

    def log_in(self, name: str = ME[0], password: str = PASSWORD) -> Response:
        return self.post("/login", name=name, password=password)

    def upload(self, *files: tuple[str, bytes], to: str = "/documents/upload", **fields: str) -> Response:
        given = {"csrf": self.token("/"), "back": "/desk/", **fields}
        return self.client.post(f"/desk{to}", data=given, files=[("file", each) for each in files])

    def said(self, reply: Response) -> str:
        """What the page says to which a form led."""
        assert reply.status_code == 303, reply.text
        found = re.search(
            r'class="pq-flash[^>]*>(.*?)</div>', self.client.get(reply.headers["location"]).text, re.DOTALL
        )
        return html.unescape(re.sub(r"<[^>]+>", "", found[1])) if found else ""

    def idle(self) -> None:
        """Wait until nothing is going on in the background."""
        until(lambda: "做完了" in self.get("/progress").text)


@contextmanager
def open_desk(folder: Path, **settings: object) -> Iterator[Browser]:
    """Serve a desk without Gradio; ME and SHE have the same password. Builds are made in this process."""
    place = office(folder)
    place.desk.folder.root.mkdir(exist_ok=True)
    place.desk.folder.accounts.write_text(json.dumps(dict.fromkeys((ME[0], SHE[0]), hashed())), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        without_gradio(patch)
        patch.setattr("parkqa.web.app._beside", lambda _meter, _busy, *given: build(*given))
        given = place.settings.model_copy(update=settings)
        app = create_app(given, lambda: Engine.open(given, StubEncoder()))
        with TestClient(app, URL, client=HERE, follow_redirects=False) as client:
            yield Browser(client=client, office=place)


@cache
def hashed() -> str:
    """The hash of PASSWORD at little cost, which it names itself: the real one is slow on purpose."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_COST", 16)
        kept = Folder(Path(folder) / "desk", Path(folder) / "corpus")
        Accounts(kept).set("x", PASSWORD)
        made: str = json.loads(kept.accounts.read_bytes())["x"]
        return made
