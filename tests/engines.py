"""An engine over the real corpus with the stub encoder, for tests that need no model."""

from __future__ import annotations

import shutil
from pathlib import Path

from parkqa.engine import Engine
from parkqa.settings import Settings, load_settings
from stubs import StubEncoder

CORPUS = Path(__file__).parent.parent / "corpus"


def settings_for(folder: Path, corpus: Path = CORPUS) -> Settings:
    """Settings with a copy of ``corpus`` and an index of their own below ``folder``."""
    shutil.copytree(corpus, folder / "corpus")
    return load_settings(corpus=folder / "corpus", index=folder / "index")


def stub_engine(folder: Path) -> Engine:
    """Build and open an index of the real corpus with the stub encoder."""
    settings = settings_for(folder)
    encoder = StubEncoder()
    Engine.build(settings, encoder=encoder)
    return Engine.open(settings, encoder)
