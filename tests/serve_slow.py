"""``serve_stub.py`` with a model that takes its time: ``serve_slow.py FOLDER SECONDS``, the seconds of one question."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from engines import CORPUS, stub_engine
from parkqa.engine import Engine
from parkqa.settings import load_settings
from parkqa.types import Vectors
from parkqa.web.server import serve
from stubs import StubEncoder


class SlowEncoder(StubEncoder):
    """Takes its time over questions."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        time.sleep(float(sys.argv[2]))
        return super().encode_queries(texts)


def load() -> Engine:
    made = stub_engine(Path(sys.argv[1]))
    return Engine.open(made.settings, SlowEncoder())


if __name__ == "__main__":
    serve(load_settings(corpus=CORPUS, port=0), load)
