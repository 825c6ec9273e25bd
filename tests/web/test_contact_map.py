"""The map of park.yaml is served from the corpus, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from parkqa.corpus.curation.park import Park
from parkqa.engine import Engine
from parkqa.web.pages import contact
from parkqa.web.serving.loader import Loader

PNG = b"\x89PNG\r\n\x1a\n"


def client(corpus: Path, park: Park, *, loads: bool = True) -> TestClient:
    loader = Loader(lambda: cast(Engine, SimpleNamespace(park=park)))
    if loads:
        loader.start()
        loader.engine(10)
    app = FastAPI()
    app.include_router(contact.router(loader, corpus))
    return TestClient(app)


def with_map(name: str) -> Park:
    return Park(office={"contact": {"map": name}, "contact_en": {"map": "en.png"}})


def test_the_map_is_a_picture_of_the_corpus(tmp_path: Path) -> None:
    (tmp_path / "map.png").write_bytes(PNG)
    (tmp_path / "en.png").write_bytes(PNG + b"en")
    here = client(tmp_path, with_map("map.png"))
    reply = here.get("/contact/map")
    assert (reply.status_code, reply.headers["content-type"], reply.content) == (200, "image/png", PNG)
    assert here.get("/contact/map?lang=en").content == PNG + b"en"


@pytest.mark.parametrize(
    "name", ["", "nothing.png", "../map.png", "/etc/hostname", "park.yaml", "a\x00.png", "map.svg"]
)
def test_nothing_else_is_given_out(tmp_path: Path, name: str) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (tmp_path / "map.png").write_bytes(PNG)
    for inside in ("park.yaml", "map.svg"):
        (corpus / inside).write_text("x")
    assert client(corpus, with_map(name)).get("/contact/map").status_code == 404


def test_before_the_engine_is_ready_it_is_not_there_yet(tmp_path: Path) -> None:
    assert client(tmp_path, Park(), loads=False).get("/contact/map").status_code == 503
