"""``serve_stub.py`` with every connection that the process opens, and every name it looks up, noted: FOLDER NOTES."""

from __future__ import annotations

import sys
from pathlib import Path

WATCHED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")


def watch(notes: Path) -> None:
    """Append each such event to ``notes``, with what it was called with."""

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event in WATCHED:
            with notes.open("a", encoding="utf-8") as file:
                file.write(f"{event} {arguments[1:] if event in ('socket.connect', 'socket.sendto') else arguments}\n")

    sys.addaudithook(note)


if __name__ == "__main__":
    from engines import CORPUS, stub_engine
    from parkqa.settings import load_settings
    from parkqa.web.server import serve

    watch(Path(sys.argv[2]))
    serve(load_settings(corpus=CORPUS, port=0), lambda: stub_engine(Path(sys.argv[1])))
