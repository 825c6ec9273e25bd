"""The park's logo at the head of the pages, and at the desk: put in, seen, published, taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Response

from desks import Browser, open_desk
from parkqa.corpus.curation.logo import logo_of
from parkqa.corpus.curation.park import Park, load_park
from parkqa.engine import Engine
from parkqa.web import render
from parkqa.web.paths import DESK_LOGO
from pictures import picture
from stubs import StubEncoder
from waiting import until

PNG = picture("PNG")


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Browser]:
    with open_desk(tmp_path) as browser:
        browser.log_in()
        yield browser


def seen(person: Browser) -> dict[str, str]:
    """What the form holds of the files as they were seen."""
    page = person.get("/settings").text
    return dict(re.findall(r'name="(seen|seen_logo)" value="(\w*)"', page))


def put(person: Browser, content: bytes, name: str = "x.png") -> str:
    return person.said(person.upload((name, content), to=DESK_LOGO, **seen(person)))


def test_the_heads_of_the_pages_have_it_with_the_name_in_words() -> None:
    park = Park(name="苏州园区", english_name="Suzhou Park", logo="a.png", logo_version="ab12")
    shell = render.shell(park, "/p")
    assert '<span class="pq-dot pq-logo"><img src="/p/logo?v=ab12" alt="苏州园区"></span>' in shell
    assert 'alt="Suzhou Park"' in render.shell(park, "/p", reader="en")
    for page in (render.source_bar(park, "", "x"), render.ask(park, "", "", "", (), "zh-CN")):
        assert 'src="/logo?v=ab12" alt="苏州园区"' in page
    assert "<img" not in render.shell(Park()) and ">园</i>" in render.shell(Park())


def test_it_is_put_in_seen_published_and_taken_out(person: Browser) -> None:
    corpus = person.office.settings.corpus
    (corpus / "park.yaml").write_text("name: 园区 # 简称\n", encoding="utf-8")
    assert put(person, PNG) == "标志已保存到草稿。"
    page = person.get("/settings").text
    looks = re.findall(r'class="pq-sign pq-sign-(\w+)".*?src="([^"]+)" alt="园区"', page)
    assert [look for look, _ in looks] == ["light", "dark"]
    reply = person.client.get(looks[0][1])
    assert (reply.content, reply.headers["content-type"]) == (PNG, "image/png")
    assert not (corpus / "park-logo.png").exists()
    assert "park-logo.png" not in person.get("/").text  # it is no document
    person.office.publish()
    assert (corpus / "park-logo.png").read_bytes() == PNG
    assert "name: 园区 # 简称" in (corpus / "park.yaml").read_text(encoding="utf-8")
    assert load_park(corpus).logo == "park-logo.png"
    assert put(person, picture("WEBP"), "x.png") == "标志已保存到草稿。"  # by its bytes, and the old file goes
    assert set(person.office.desk.shelf.files().gone) == {"park-logo.png"}
    assert person.said(person.post(f"{DESK_LOGO}/none", **seen(person))) == "草稿里不再有标志。"
    assert person.get(f"{DESK_LOGO}/picture").status_code == 404
    assert not person.office.desk.shelf.park().logo
    assert "park-logo.webp" not in person.office.desk.shelf.files().present


def test_a_wrong_file_and_an_old_page_change_nothing(person: Browser) -> None:
    assert put(person, b"<svg/>").startswith("标志应是 PNG、JPEG 或 WebP 图片")
    assert person.office.desk.shelf.state().draft == {}
    before = seen(person)
    assert put(person, PNG) == "标志已保存到草稿。"
    old = seen(person)
    assert "已经改了 park.yaml" in person.said(person.upload(("x.png", picture("JPEG")), to=DESK_LOGO, **before))
    assert put(person, picture("PNG", (9, 9))) == "标志已保存到草稿。"  # park.yaml stays as it is
    assert "已经改了 park-logo.png" in person.said(person.upload(("x.png", PNG), to=DESK_LOGO, **old))
    found = person.office.desk.shelf.files().present["park-logo.png"]
    assert found.path.read_bytes() == picture("PNG", (9, 9))


def test_another_file_of_that_name_is_not_lost(person: Browser) -> None:
    (person.office.settings.corpus / "park-logo.png").write_bytes(picture("PNG", (9, 9)))
    assert put(person, PNG) == "资料里已经有别的 park-logo.png，请先改它的名字。"


def test_visitors_get_it_under_a_name_that_changes_with_it(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "sign.png").write_bytes(PNG)
    (tmp_path / "corpus" / "park.yaml").write_text("logo: sign.png\n", encoding="utf-8")
    with open_desk(tmp_path) as browser:
        Engine.build(browser.office.settings, encoder=StubEncoder())
        version = logo_of(PNG).version
        reply = until_there(browser, f"/logo?v={version}")
        assert (reply.status_code, reply.content, reply.headers["content-type"]) == (200, PNG, "image/png")
        assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "script-src 'self'" in reply.headers["content-security-policy"]
        assert browser.client.get("/logo?v=other").headers["cache-control"] == "no-cache"
        assert f"/logo?v={version}" in browser.client.get("/ask").text


def until_there(person: Browser, path: str) -> Response:
    """What is at an address, as soon as the server has opened the new index."""
    until(lambda: person.client.get(path).status_code == 200)
    return person.client.get(path)


def test_without_one_there_is_none(person: Browser) -> None:
    assert person.client.get("/logo").status_code == 404


def test_a_logo_that_is_dropped_alone_is_said_and_can_be_mended(person: Browser) -> None:
    corpus = person.office.settings.corpus
    (corpus / "park.yaml").write_text("name: 园区 # 简称\n", encoding="utf-8")
    put(person, PNG)
    person.post("/document/drop", name="park-logo.png")
    page = person.get("/publish").text
    assert "park.yaml 里写着标志 park-logo.png，可是没有这张图了" in page
    sha = re.search(r'name="seen" value="(\w+)"', page)
    assert sha
    person.post("/publish/check")
    person.idle()
    assert "资料文件夹里没有这张图片，请放进去，或去掉 park.yaml 里的 logo。" in person.get("/publish").text
    assert person.said(person.post(f"{DESK_LOGO}/none", seen=sha[1])) == "草稿里不再有标志。"
    assert "可是没有这张图了" not in person.get("/publish").text
    assert person.office.desk.shelf.text("park.yaml").strip() == "name: 园区 # 简称"
