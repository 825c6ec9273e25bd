"""The pictures of the README and of docs/desk.md: ``make screenshots``, or ``python tests/screenshots.py FOLDER``.

Serves the real corpus with the real model and asks as a visitor would: on a desktop with the source beside the answer,
on a phone, at a stand, and in the widget on another site's page; and one thing that the documents do not say.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Page, expect

import screenshots_of_desk
from browsers import BOX, DESKTOP, PHONE, Seen, ask, chromium, watched
from programs import real
from sites import hosting, opened

SCREEN, TABLET = {"width": 1920, "height": 1080}, {"width": 960, "height": 640}
HOST = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>园区官网</title><link rel="icon" href="data:,">
<style>
body { margin: 0; font: 17px/1.8 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #22303a; }
header { display: flex; gap: 40px; align-items: center; height: 72px; padding: 0 64px; }
header b { font-size: 20px; margin-right: auto; }
.top { background: linear-gradient(120deg, #123c55, #2f7d8c); color: #fff; padding: 84px 64px; }
.top h1 { font-size: 44px; margin: 0 0 8px; line-height: 1.3; } .top p { margin: 0; font-size: 19px; opacity: .9; }
main { padding: 40px 64px; display: grid; grid-template-columns: repeat(3, 1fr); gap: 28px; max-width: 720px; }
section { border: 1px solid #e3e8ec; border-radius: 12px; padding: 18px 20px; } h2 { font-size: 18px; margin: 0 0 6px; }
main p { margin: 0; font-size: 15px; color: #5a6b76; }
</style>
<header><b>园区官网</b><span>走进园区</span><span>投资环境</span><span>企业服务</span><span>新闻公告</span></header>
<div class="top"><h1>欢迎来到园区</h1><p>有问题，点右下角的按钮直接问。</p></div>
<main><section><h2>走进园区</h2><p>概况与发展历程</p></section><section><h2>投资环境</h2><p>区位与产业</p></section>
<section><h2>企业服务</h2><p>办事与联系</p></section></main>{scripts}
"""


def desktop(page: Page, address: str, _: str) -> None:
    """An answer, its source beside it."""
    page.goto(f"{address}/chat/")
    _ready(page)
    ask(page, "园区什么时候成立的？").locator(".pq-first [data-source]").click()
    expect(page.locator("#pq-source mark").first).to_be_in_viewport()


def phone(page: Page, address: str, _: str) -> None:
    """A list, every item of it."""
    page.goto(f"{address}/chat/")
    _ready(page)
    ask(page, "园区的主导产业有哪些？")


def refusal(page: Page, address: str, _: str) -> None:
    """A question that the documents do not answer."""
    page.goto(f"{address}/chat/")
    _ready(page)
    expect(ask(page, "园区有地铁吗？").locator(".pq-no")).to_be_visible()


def stand(page: Page, address: str, _: str) -> None:
    """An answer in large type, the code beside it."""
    page.goto(f"{address}/chat/?mode=event")
    expect(page.locator(".pq-show .pq-first")).to_be_visible()
    expect(ask(page, "扬子江船业在哪里上市？").locator(".pq-code svg")).to_be_visible()


def widget(page: Page, address: str, site: str) -> None:
    """The page of another site, on which somebody has asked."""
    line = f'<script src="{address}/widget.js" data-color="#1f6f86" data-title="园区问答" async></script>'
    page.goto(f"{site}/?{httpx.QueryParams({'scripts': line})}")
    frame = opened(page)
    frame.locator(BOX).fill("园区的营商服务品牌叫什么？")
    frame.locator(BOX).press("Enter")
    expect(frame.locator(".pq-turn:not(.pq-waiting) .pq-first")).to_be_visible()


def _ready(page: Page) -> None:
    page.locator(".pq-hello [data-ask]:visible").first.wait_for()


PICTURES: dict[str, tuple[Callable[[Page, str, str], None], Any, dict[str, Any]]] = {
    "chat-desktop.png": (desktop, DESKTOP, {}),
    "chat-phone.png": (phone, PHONE, {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}),
    "refusal.png": (refusal, TABLET, {}),
    "event-1080p.png": (stand, SCREEN, {"has_touch": True}),
    "widget.png": (widget, DESKTOP, {}),
}
"""By file name: what is done before it is taken, the window, and the rest of the browser's options."""


def take(address: str, site: str, folder: Path) -> None:
    """Take every picture of the server at ``address``, which ``site`` embeds; fails where a page complains."""
    with chromium() as browser:
        for name, (do, size, options) in PICTURES.items():
            with watched(browser, size, reduced_motion="reduce", **options) as (page, seen):
                do(page, address, site)
                page.wait_for_timeout(1000)  # fonts, and the last scroll
                page.screenshot(path=folder / name)
            assert seen == Seen(), (name, seen)
            _shrink(folder / name)
            print(folder / name)


def _shrink(file: Path) -> None:
    with Image.open(file) as picture:
        picture.convert("RGB").save(file, optimize=True)


def main() -> None:
    """Serve, and take the pictures into the folder named."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as served,
        hosting(HOST) as site,
        real(Path(served), embed_origins=site) as address,
    ):
        take(address, site, folder)
    screenshots_of_desk.take(folder)


if __name__ == "__main__":
    main()
