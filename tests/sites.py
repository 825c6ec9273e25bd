"""A site that embeds the widget, on a port of its own, and the widget's parts on its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import FrameLocator, Locator, Page, expect

HOST = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>某园区官网</title>
<link rel="stylesheet" href="/site.css"><link rel="icon" href="data:,"><body><h1>某园区官网</h1>
<button id="mine">站内按钮</button>{scripts}</body></html>"""
# Rules that would wreck what is not shielded from them.
SITE_CSS = """* { transition: none; } button { display: none; font-size: 99px; }
#mine { display: block; }
body > *, html > * { position: relative; opacity: .99; } iframe { width: 10px; } body { transform: translateX(0); }"""
LONE = '<script src="{base}/widget.js" data-title="园区问答" async></script>'


class Site(BaseHTTPRequestHandler):
    """A site that embeds: ``/?scripts=…&csp=…`` gives its page with those scripts under that policy.

    ``/?html=…`` gives that page instead.
    """

    page = HOST

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        css = self.path.startswith("/site.css")
        body = SITE_CSS if css else query.get("html", self.page).replace("{scripts}", query.get("scripts", ""))
        self.send_response(200)
        self.send_header("Content-Type", "text/css" if css else "text/html; charset=utf-8")
        if query.get("csp"):
            self.send_header("Content-Security-Policy", query["csp"])
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def hosting(page: str = HOST) -> Iterator[str]:
    """Run a site with this page, which holds ``{scripts}``; give its address."""
    handler = type("OwnSite", (Site,), {"page": page})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def bubble(page: Page, place: int = 0) -> Locator:
    return page.locator("parkqa-widget .bubble").nth(place)


def panel(page: Page, place: int = 0) -> Locator:
    return page.locator("parkqa-widget .panel").nth(place)


def chat(page: Page, place: int = 0) -> FrameLocator:
    return page.locator("parkqa-widget iframe").nth(place).content_frame


def opened(page: Page) -> FrameLocator:
    """Click on the bubble, wait until the chat page can be asked and the panel, which rises, is in its place."""
    bubble(page).click()
    expect(panel(page).locator(".cover")).to_be_hidden()
    chat(page).locator(".pq-hello [data-ask]:visible").first.wait_for()
    risen(page)
    return chat(page)


def risen(page: Page) -> None:
    """Put the open panel, which rises, in its place at once; by the page, as a locator would leave listeners in it."""
    page.evaluate("""() => {
      for (const { shadowRoot } of document.querySelectorAll("parkqa-widget"))
        for (const each of shadowRoot.getAnimations()) each.finish();
    }""")
