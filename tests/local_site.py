"""A web site of this machine with a few pages, for tests that fetch it."""

from __future__ import annotations

import hashlib
import http.server
import threading
from typing import Self


def page(title: str, text: str) -> str:
    """A page with a title and a paragraph."""
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"


class Site:
    """Serves ``pages``, which may be changed, with ETags and a map; ``answered`` are the statuses of its replies."""

    def __init__(self, pages: dict[str, str]) -> None:
        self.pages = pages
        self.answered: list[int] = []
        self.down = False
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, raw = site._found(self.path)
                etag = f'"{hashlib.sha256(raw).hexdigest()[:8]}"'
                if status == 200 and self.headers.get("If-None-Match") == etag:
                    status, raw = 304, b""
                site.answered.append(status)
                self.send_response(status)
                for name, value in (("Content-Type", kind), ("ETag", etag), ("Content-Length", str(len(raw)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def _found(self, path: str) -> tuple[int, str, bytes]:
        if self.down:
            return 500, "text/plain", b"down"
        if path == "/sitemap.xml":
            places = "".join(f"<url><loc>http://{self.host}{place}</loc></url>" for place in self.pages)
            return 200, "text/xml", f"<urlset>{places}</urlset>".encode()
        if path in self.pages:
            return 200, "text/html; charset=utf-8", self.pages[path].encode()
        return 404, "text/plain", b"none"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
