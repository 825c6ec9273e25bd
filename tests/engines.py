"""An engine over the real corpus with the stub encoder, for tests that need no model."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from parkqa import engine
from parkqa.engine import Engine
from parkqa.models import loading
from parkqa.settings import Settings, load_settings
from stubs import StubEncoder

if TYPE_CHECKING:
    import pytest

CORPUS = Path(__file__).parent.parent / "corpus"
KEYS = (
    "id answer_id question understood repairs kind refused message confidence quotes related suggestions elapsed_ms "
    "missing notes parts"
).split()
"""Of an answer as JSON."""
QUOTE_KEYS = (
    "text document title start end sha256 heading page score spans answer translation also_in valid_until count part "
    "recognized"
).split()


def settings_for(folder: Path, corpus: Path = CORPUS) -> Settings:
    """Settings with a copy of ``corpus`` and an index of their own below ``folder``."""
    shutil.copytree(corpus, folder / "corpus")
    return load_settings(corpus=folder / "corpus", index=folder / "index")


def set_environment(patch: pytest.MonkeyPatch, settings: Settings, **more: object) -> None:
    """Have the command line find these settings in its environment, ``more`` of them too, and the stub for a model."""
    given = {"corpus": settings.corpus, "index": settings.index, "reranker": "none", **more}
    for name, value in given.items():
        patch.setenv(f"PARKQA_{name.upper()}", str(value))
    for module in (engine, loading):
        patch.setattr(module, "load_encoder", lambda _: StubEncoder())


def stub_engine(folder: Path, corpus: Path = CORPUS) -> Engine:
    """Build and open an index of the real corpus, or of a copy of another, with the stub encoder."""
    settings = settings_for(folder, corpus)
    encoder = StubEncoder()
    Engine.build(settings, encoder=encoder)
    return Engine.open(settings, encoder)


def corpus(folder: Path, **files: str) -> Settings:
    """A corpus of files whose names have ``_`` for ``.``."""
    (folder / "corpus").mkdir()
    for name, text in files.items():
        (folder / "corpus" / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return load_settings(corpus=folder / "corpus", index=folder / "index")


def opened(settings: Settings) -> Engine:
    """Build with the stub encoder and open."""
    Engine.build(settings, encoder=StubEncoder())
    return Engine.open(settings, StubEncoder())
