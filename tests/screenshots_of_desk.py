"""The pictures of docs/desk.md: ``make screenshots``, or ``python tests/screenshots_of_desk.py FOLDER``.

Serves the real corpus and a few made-up documents with the real model, and works at the desk as a clerk does.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from browsers import Seen, chromium, watched
from desks import ME, PASSWORD, hashed, record
from engines import CORPUS
from programs import real

WINDOW, LARGE = {"width": 1120, "height": 612}, {"width": 1280, "height": 860}
FILES = {
    "班车.md": "---\ntitle: 班车时刻\nvalid_until: 2024-12-31\n---\n\n班车早上7点30分从地铁站发车，票价2元。\n",
    "制度/值班.md": "---\nstaff_only: true\n---\n\n# 夜间值班\n\n夜间值班室在1号楼一层。\n",
    "租金.md": "# 租金\n\n3号楼的租金是每平方米每月20元。物业费是每平方米每月3元。\n",
}
TORN = "招商手册.pdf"
FOOD = "# 食堂\n\n食堂在2号楼一层，早餐7:00到9:00，午餐11:00到13:00。\n"
ASKED = [("食堂几点开饭", "refusal")] * 5 + [("物业费多少钱", "answer"), ("有没有游泳池", "refusal")]
PATIENCE = 600_000
"""Milliseconds that a check may take."""


def take(folder: Path) -> None:
    """Take every picture; fails where a page complains."""
    with tempfile.TemporaryDirectory() as name:
        served = Path(name)
        _lay_out(served)
        where = {key: served / key for key in ("corpus", "desk")}
        with real(served, **where) as address, chromium() as browser:
            for pictures, size in ((_work, WINDOW), (_back_up, LARGE)):
                with watched(browser, size, reduced_motion="reduce") as (page, seen):
                    _enter(page, address)
                    pictures(page, folder)
                assert seen == Seen(), seen


def _lay_out(served: Path) -> None:
    shutil.copytree(CORPUS, served / "corpus")
    for name, text in FILES.items():
        path = served / "corpus" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (served / "corpus" / TORN).write_bytes(b"%PDF-1.7\n")
    (served / "desk").mkdir()
    (served / "desk" / "accounts.json").write_text(json.dumps({ME[0]: hashed()}), encoding="utf-8")
    record(served, *ASKED)


def _enter(page: Page, address: str) -> None:
    page.goto(f"{address}/desk/")
    page.fill("[name=name]", ME[0])
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_selector("#upload")


def _work(page: Page, folder: Path) -> None:
    desk = page.url.rstrip("/")
    page.set_input_files("#files", {"name": "食堂.md", "mimeType": "text/markdown", "buffer": FOOD.encode()})
    page.click("#upload button")
    page.wait_for_selector("text=已放进：食堂.md")
    page.goto(f"{desk}/")
    expect(page.locator("tbody tr")).to_have_count(len(FILES) + 4)
    expect(page.get_by_text("还没读")).to_have_count(0)
    _shot(page, folder / "desk-documents.png", whole=True)
    page.goto(f"{desk}/questions")
    page.click("text=食堂几点开饭")
    _shot(page, folder / "desk-question.png", whole=True)
    page.goto(f"{desk}/publish")
    page.click("text=检查影响")
    page.wait_for_selector("text=发布以后会怎样", timeout=PATIENCE)
    page.goto(f"{desk}/publish")
    page.click("summary:has-text('现在答得上了')")
    _shot(page, folder / "desk-publish.png", whole=True)
    page.goto(f"{desk}/settings")
    page.fill("#suggestions", "园区是什么时候成立的？\n园区有没有游泳池？")
    expect(page.locator("#suggestions-tried li")).to_have_count(2)
    page.evaluate("scrollTo(0, document.getElementById('asked').getBoundingClientRect().top + scrollY - 30)")
    _shot(page, folder / "desk-settings.png")


def _back_up(page: Page, folder: Path) -> None:
    page.goto(f"{page.url.rstrip('/')}/backup")
    _shot(page, folder / "desk-backup.png")


def _shot(page: Page, file: Path, *, whole: bool = False) -> None:
    """Take the window or the ``whole`` page, in few colours: these pages have not many."""
    page.screenshot(path=file, full_page=whole)
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(128).save(file, optimize=True)
    print(file)


if __name__ == "__main__":
    take(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
