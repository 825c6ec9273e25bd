"""Serves a copy of the real corpus with the stub encoder and a desk, for browser tests: ``serve_desk.py FOLDER``.

Heeds the settings of its environment; prints the address to stderr as ``parkqa serve`` does.
"""

from __future__ import annotations

import sys
from pathlib import Path

from engines import settings_for
from parkqa.engine import Engine
from parkqa.settings import load_settings
from parkqa.web import app
from parkqa.web.desk import login
from parkqa.web.server import serve
from stubs import StubEncoder

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    copied = settings_for(folder)
    settings = load_settings(corpus=copied.corpus, index=copied.index, port=0)
    Engine.build(settings, encoder=StubEncoder())
    # In this process, so that no other has to import the stub.
    app._beside = lambda meter, busy, given, engine, stop: Engine.build(given, encoder=engine.encoder)
    # The tests log in six times from one address, on a fast machine within a minute; test_desk_door.py has the limit.
    login.ATTEMPTS = "100/minute"
    serve(settings, lambda: Engine.open(settings, StubEncoder()))
