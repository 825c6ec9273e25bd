"""The desk as staff use it: a file is dropped, checked, published and taken back; with the keyboard; axe-clean."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from audits import Audit, Scheme, audited
from browsers import DESKTOP, PHONE, in_time, watched
from desks import PASSWORD, hashed, record
from papers import handbook_pdf
from paths import TESTS
from pictures import picture
from programs import serving, variables

pytestmark = pytest.mark.browser

FOOD = "# 食堂\n\n食堂中午11点开饭，在2号楼一层。\n"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "desk").mkdir()
    names = ("小王", "小李", "小张")
    (folder / "desk" / "accounts.json").write_text(
        "{" + ",".join(f'"{name}": "{hashed()}"' for name in names) + "}", encoding="utf-8"
    )
    record(folder, ("羽毛球场几点开门", "refusal"), ("园区是什么时候成立的？", "answer"), disliked="")
    settings = {"desk": folder / "desk", "journal": folder / "journal.db"}
    program = [sys.executable, TESTS / "serve_desk.py", folder]
    with serving(program, variables(settings), folder, "/readyz") as url:
        yield url


def log_in(page: Page, base: str, name: str) -> None:
    page.goto(f"{base}/desk/")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.locator("h1")).to_have_text(re.compile("资料|Documents"))


def dropped(page: Page, name: str, text: str) -> None:
    """Let go of a file over the box for files, as a person does who drags it from a folder."""
    data = page.evaluate_handle(
        """([name, text]) => { const held = new DataTransfer();
        held.items.add(new File([text], name, { type: "text/markdown" })); return held; }""",
        [name, text],
    )
    for kind in ("dragenter", "dragover", "drop"):
        page.dispatch_event("#upload", kind, {"dataTransfer": data})


def test_a_file_goes_live_and_back(browser: Browser, base: str) -> None:
    with watched(browser, DESKTOP, base) as (page, seen):
        log_in(page, base, "小王")
        dropped(page, "食堂.md", FOOD)
        expect(page.locator(".pq-flash")).to_have_text("已放进：食堂.md。")
        page.get_by_role("link", name="食堂", exact=True).click()
        expect(page.locator(".pq-passages blockquote")).to_have_text("食堂中午11点开饭，在2号楼一层。")
        page.get_by_role("link", name=re.compile("^发布")).click()
        page.get_by_role("button", name="检查影响").click()
        # The page asks by itself how far it is, and is drawn anew at the end.
        expect(page.get_by_role("heading", name="发布以后会怎样")).to_be_visible()
        page.get_by_role("button", name="发布", exact=True).click()
        expect(page.get_by_role("button", name="退回上一版")).to_be_visible()
        page.get_by_role("link", name="资料", exact=True).click()
        badge = page.locator("tr", has_text="食堂.md").locator(".pq-badge")
        in_time(page, lambda: page.reload() and badge.inner_text() == "在用")  # once the server has the new index
        expect(badge).to_have_text("在用")
        page.get_by_role("link", name=re.compile("^发布")).click()
        page.get_by_role("button", name="退回上一版").click()
        # The first, since there are two once it is done: what was published, and its taking back.
        expect(page.get_by_text("已退回").first).to_be_visible()
        assert seen.console == []
        assert seen.elsewhere == []


def test_a_file_that_is_none_is_said(browser: Browser, base: str) -> None:
    with watched(browser, PHONE) as (page, seen):
        log_in(page, base, "小王")
        dropped(page, "坏的.pdf", "%PDF-1.4 nothing")
        expect(page.locator(".pq-flash[role=alert]")).to_contain_text("坏的.pdf：")
        page.set_input_files("#files", [{"name": f"{n}.md", "mimeType": "", "buffer": b"x"} for n in range(21)])
        page.locator("#upload button").click()
        expect(page.locator(".pq-sending")).to_contain_text("一次最多 20 份")
        assert seen.console == []


def test_it_works_without_scripts(browser: Browser, base: str, tmp_path: Path) -> None:
    with watched(browser, DESKTOP, java_script_enabled=False) as (page, _):
        log_in(page, base, "小李")
        page.set_input_files("#files", [{"name": "车位.md", "mimeType": "", "buffer": "# 车位\n\n有车位。\n".encode()}])
        page.locator("#upload button").click()
        expect(page.locator(".pq-flash")).to_have_text("已放进：车位.md。")
        page.get_by_role("link", name="车位", exact=True).click()
        page.get_by_role("button", name="放弃这处改动").click()
        expect(page.locator(".pq-flash")).to_contain_text("已放弃")


def test_a_back_up_is_taken_along_and_put_back_with_the_keyboard(browser: Browser, base: str, tmp_path: Path) -> None:
    with watched(browser, PHONE, base) as (page, seen):
        log_in(page, base, "小李")
        page.get_by_role("link", name="备份", exact=True).press("Enter")
        page.fill("[name=passphrase] >> nth=0", "手机上写的一句很长的话")
        page.keyboard.press("Tab")
        page.keyboard.type("另一句")
        page.keyboard.press("Enter")
        expect(page.locator(".pq-flash[role=alert]")).to_contain_text("两次写的密码不一样")
        with page.expect_download() as began:
            page.get_by_role("button", name="下载备份").press("Enter")
        file = tmp_path / began.value.suggested_filename
        began.value.save_as(file)
        assert file.suffix == ".zip"
        page.set_input_files("#files", file)
        page.get_by_role("button", name="恢复", exact=True).press("Enter")
        expect(page.locator(".pq-flash[role=status]")).to_contain_text("资料和备份里的一样。")
        page.set_input_files("#files", [{"name": "x.zip", "mimeType": "", "buffer": file.read_bytes()[:-1]}])
        page.get_by_role("button", name="恢复", exact=True).press("Enter")
        expect(page.locator(".pq-flash[role=alert]")).to_contain_text("不是 parkqa 的备份，或者文件不完整")
        expect(page.locator(".pq-flash[role=alert]")).to_be_in_viewport()
        page.get_by_role("link", name="报告", exact=True).click()
        page.set_input_files("#files", [{"name": "展位.db", "mimeType": "", "buffer": b"x"}])
        page.get_by_role("button", name="合并", exact=True).press("Enter")
        expect(page.locator(".pq-flash[role=alert]")).to_contain_text("展位.db：这不是 parkqa 的问答记录")
        assert seen.console == []
        assert seen.elsewhere == []


def test_with_the_keyboard_alone(browser: Browser, base: str) -> None:
    with watched(browser, DESKTOP) as (page, _):
        log_in(page, base, "小张")
        page.goto(f"{base}/desk/words?file=park.yaml")
        page.keyboard.press("Tab")
        expect(page.locator(".pq-skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.locator("#text").fill("name: 园区\ncolour: 红\n")
        page.locator("#text").press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#wrong")).to_contain_text("park.yaml:2")
        # The mistake is where the cursor is.
        expect(page.locator("#text")).to_be_focused()
        marked = "area => area.value.slice(area.selectionStart, area.selectionEnd)"
        assert page.locator("#text").evaluate(marked) == "colour: 红"


def test_a_suggestion_is_tried_while_it_is_typed(browser: Browser, base: str) -> None:
    with watched(browser, PHONE, base) as (page, seen):
        log_in(page, base, "小王")
        page.goto(f"{base}/desk/settings")
        page.locator("#suggestions").press_sequentially("园区是什么时候成立的？\n")
        expect(page.locator("#suggestions-tried li").first).to_contain_text("答得上")
        expect(page.locator("#suggestions-tried bdi").first).to_have_text("jiangyin-jingjiang-park.md")
        page.locator("#colour").fill("#aa2200")
        expect(page.locator(".pq-preview [data-colour]").first).to_have_attribute("fill", "#aa2200")
        page.locator("#contact").fill("一行")
        page.locator("#contact_hours").fill("8点")
        page.locator("#contact_hours").press("Enter")
        # What is wrong stands at its field, which has the cursor; nothing that was written is lost.
        expect(page.locator("#contact-wrong")).to_contain_text("只用一种")
        expect(page.locator("#contact")).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#contact")).to_be_focused()
        expect(page.locator("#contact_hours")).to_have_value("8点")
        page.locator("#contact").fill("")
        page.locator("#contact").press("Enter")
        expect(page.locator(".pq-flash")).to_have_text("已保存到草稿。")
        # 422 is the answer to the form that was wrong.
        assert [line for line in seen.console if "422" not in line] == []
        assert seen.elsewhere == []


def look_around(page: Page, base: str, audit: Audit, scheme: Scheme) -> None:
    """Take every page as it is now in some colours; none is wider than the screen."""
    document = "document?name=jiangyin-jingjiang-park.md"
    for path in (
        "",
        document,
        "publish",
        "questions",
        "why?q=园区成立",
        "words",
        "settings",
        "settings/glossary?q=园区",
        "settings/faq",
        "settings/share",
        "report",
        "backup",
        "trail",
        "machine",
        "sites",
        "x",
    ):
        page.goto(f"{base}/desk/{path}")
        audit.look(path, scheme)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    page.goto(f"{base}/desk/questions")
    page.locator(".pq-changes a").first.click()
    audit.look("a question", scheme)


# Log-ins are throttled by name, so each way of looking is in one session of somebody else's.
@pytest.mark.parametrize(
    ("size", "schemes", "name"), [(DESKTOP, ("light", "dark"), "小李"), (PHONE, ("dark", "light"), "小张")]
)
def test_nothing_grave_is_found(
    browser: Browser, base: str, size: Any, schemes: tuple[Scheme, Scheme], name: str
) -> None:
    with audited(browser, size, locale="zh-CN") as (page, audit):
        page.goto(f"{base}/desk/login")
        audit.look("log-in")
        log_in(page, base, name)
        look_around(page, base, audit, schemes[0])
        page.get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        look_around(page, base, audit, schemes[1])


def size(drawn: Locator) -> tuple[float, float]:
    """Its width and height in pixels; a picture has none as long as it is being loaded."""
    box = drawn.bounding_box()
    return (box["width"], box["height"]) if box else (0, 0)


def test_a_page_is_seen_beside_its_text_and_a_logo_as_it_will_look(browser: Browser, base: str) -> None:
    file: FilePayload = {"name": "手册.pdf", "mimeType": "application/pdf", "buffer": handbook_pdf()}
    logo: FilePayload = {"name": "x.png", "mimeType": "image/png", "buffer": picture("PNG", (900, 300))}
    with audited(browser, DESKTOP) as (page, audit):
        log_in(page, base, "小张")
        page.set_input_files("#upload [type=file]", file)
        page.click("#upload button")
        expect(page.locator(".pq-flash")).to_contain_text("已放进：手册.pdf")
        page.goto(f"{base}/desk/document?name=手册.pdf")
        page.click("a[href*='/document/page']")
        drawn = page.locator("#look img")
        expect(drawn).to_have_js_property("complete", True)
        assert drawn.evaluate("each => each.naturalWidth") > 1000
        page.focus("#look-2")
        page.keyboard.press("Enter")
        expect(page.locator("#look section")).to_contain_text("0523-80000000")
        expect(page.locator("#look-2")).to_be_focused()
        beside = drawn.bounding_box(), page.locator("#look section").bounding_box()
        assert beside[0] and beside[1] and beside[0]["x"] < beside[1]["x"] and beside[0]["y"] == beside[1]["y"]
        audit.look("a page beside its text")
        page.set_viewport_size({"width": 390, "height": 844})
        below = drawn.bounding_box(), page.locator("#look section").bounding_box()
        assert below[0] and below[1] and below[0]["y"] > below[1]["y"]
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(f"{base}/desk/settings")
        expect(page.locator("#signs")).to_be_hidden()
        page.set_input_files("#logo", logo)
        expect(page.locator("#signs img").first).to_be_visible()
        page.click("text=用这张，存到草稿")
        expect(page.locator(".pq-flash")).to_have_text("标志已保存到草稿。")
        in_time(page, lambda: [size(each) for each in page.locator("#signs img").all()] == [(78, 26), (78, 26)])
        audit.look("a logo")
        page.click("text=不用标志")
        expect(page.locator("#signs")).to_be_hidden()
