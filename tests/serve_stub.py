"""Serves the real corpus with the stub encoder, for browser tests that need no model: ``serve_stub.py FOLDER``.

Heeds the settings of its environment, PARKQA_CORPUS too; prints the address to stderr as ``parkqa serve`` does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engines import CORPUS, stub_engine
from parkqa.settings import load_settings
from parkqa.web.server import serve

if __name__ == "__main__":
    port = int(os.environ.get("PARKQA_PORT", "0"))
    corpus = Path(os.environ.get("PARKQA_CORPUS", CORPUS))
    serve(load_settings(corpus=corpus, port=port), lambda: stub_engine(Path(sys.argv[1]), corpus))
