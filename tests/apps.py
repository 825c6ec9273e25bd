"""The app in the process of a test, without the page that Gradio makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from engines import CORPUS
from parkqa.engine import Engine
from parkqa.settings import load_settings
from parkqa.web.app import create_app
from parkqa.web.serving.loader import Loader


def without_gradio(patch: pytest.MonkeyPatch, *, loads: bool = True) -> None:
    """Leave Gradio out; the engine is there from the start, or never where it ``loads`` not."""
    patch.setattr(
        "parkqa.web.pages.chat", SimpleNamespace(app=lambda *_, **__: FastAPI(openapi_url=None)), raising=False
    )
    patch.setattr(Loader, "start", Loader.load if loads else lambda _: None)


@contextmanager
def serving(load: Callable[[], Engine], *, loads: bool = True, **settings: object) -> Iterator[TestClient]:
    """Serve without Gradio, with the real corpus; ``loads`` as above."""
    with pytest.MonkeyPatch.context() as patch:
        without_gradio(patch, loads=loads)
        app = create_app(load_settings(corpus=CORPUS, **settings), load)
        with TestClient(app, follow_redirects=False) as client:
            yield client
