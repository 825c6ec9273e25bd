"""The page as it looks, in a browser: one tap from the text, beside it on a wide screen, and without scripts too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urljoin

import pytest
from playwright.sync_api import Browser, Page, expect

from browsers import DESKTOP, PHONE, ask, watched
from papers import handbook_pdf
from programs import stub

pytestmark = pytest.mark.browser

QUESTION = "园区与江阴市隔江相望吗？"
PICTURE = ".pq-leaves .pq-sheet img"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("leaves")
    for name in ("papers", "served"):
        (folder / name).mkdir()
    (folder / "papers" / "手册.pdf").write_bytes(handbook_pdf())
    with stub(folder / "served", corpus=folder / "papers", cache=folder / "cache") as url:
        yield url


def tapped(page: Page, scope: str = "") -> dict[str, Any]:
    """Open the picture; the boxes of picture, quote's box and marked text in the window."""
    expect(page.locator(f"{scope} {PICTURE}")).to_be_hidden()
    page.locator(f"{scope} .pq-leaves summary").click()
    expect(page.locator(f"{scope} {PICTURE}")).to_be_visible()
    # Without scripts the browser asks for it before the tap, so there may be no response left to wait for.
    reply = page.request.get(urljoin(page.url, page.locator(f"{scope} {PICTURE}").get_attribute("src")))
    assert reply.status == 200 and reply.headers["content-type"] == "image/webp"
    parts = {"picture": PICTURE, "box": ".pq-sheet rect >> nth=0", "mark": "mark >> nth=0", "text": ".pq-doc h1"}
    return {name: page.locator(f"{scope} {place}").bounding_box() for name, place in parts.items()}


def test_without_scripts_the_page_stands_beside_the_text(browser: Browser, base: str) -> None:
    with watched(browser, DESKTOP, base, java_script_enabled=False) as (page, seen):
        page.goto(f"{base}/ask?q={quote(QUESTION)}")
        page.locator("a[data-source]").first.click()
        found = tapped(page)
        picture, box, text = found["picture"], found["box"], found["text"]
        assert picture["x"] >= text["x"] + text["width"]  # beside, not over it
        assert picture["x"] < box["x"] and box["x"] + box["width"] < picture["x"] + picture["width"]
        assert abs(picture["height"] / picture["width"] - 842 / 595) < 0.01
        assert not seen.console and not seen.elsewhere


def test_on_a_phone_the_picture_comes_under_the_quote(browser: Browser, base: str) -> None:
    with watched(browser, PHONE, base, has_touch=True, is_mobile=True) as (page, seen):
        page.goto(f"{base}/chat/")
        page.locator("#pq-box textarea").wait_for()
        ask(page, QUESTION).locator("[data-source]").first.click()
        page.locator("#pq-source .pq-doc").wait_for()
        found = tapped(page, "#pq-source")
        assert found["picture"]["y"] > found["mark"]["y"]
        assert found["picture"]["width"] <= PHONE["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert not seen.console and not seen.elsewhere
