"""The desk where the index is in PostgreSQL, with two servers of one desk: what one publishes the other serves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from desks import LINE, RENT, Browser, office, open_desk, record
from parkqa.engine import Engine
from parkqa.journal.entries import read
from parkqa.web.paths import DESK_LOGO
from pictures import picture
from servers import new_database
from stubs import StubEncoder
from waiting import until

pytestmark = pytest.mark.postgres
FOOD = "# 食堂\n\n食堂中午11点开饭。\n".encode()
ASKED = {"question": "食堂几点开饭？"}
PASSPHRASE = "一句很长很长的备份密码"
Two = tuple[Browser, Browser]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    """Two servers that share corpus, desk and database; somebody is logged in at each."""
    store = new_database()
    Engine.build(office(tmp_path).settings.model_copy(update={"store": store}), encoder=StubEncoder())
    with open_desk(tmp_path, store=store) as one, open_desk(tmp_path, store=store) as other:
        for person in (one, other):
            person.log_in()
            until(lambda person=person: person.client.get("/readyz").status_code == 200)  # type: ignore[misc]
        yield one, other


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


def answered(person: Browser) -> bool:
    return not person.client.post("/api/ask", json=ASKED).json()["refused"]


def checked_and_published(person: Browser) -> None:
    person.post("/publish/check")
    person.idle()
    page = person.get("/publish").text
    assert "发布以后会怎样" in page
    person.post("/publish/publish", version=field(page, "version"))
    person.idle()


def test_what_one_publishes_and_takes_back_the_other_serves(two: Two) -> None:
    one, other = two
    one.upload(("食堂.md", FOOD))
    assert "食堂.md" in other.get("/publish").text  # one draft
    checked_and_published(one)
    for person in two:
        until(lambda person=person: answered(person))  # type: ignore[misc]
        assert "食堂中午11点开饭。" in person.client.get("/source/食堂.md").text
    other.post("/publish/back")  # by whoever comes
    other.idle()
    for person in two:
        until(lambda person=person: not answered(person))  # type: ignore[misc]
        assert "已退回" in person.get("/publish").text
    assert not (one.office.settings.corpus / "食堂.md").exists()


def test_name_and_logo_show_on_both_as_soon_as_they_are_published(two: Two) -> None:
    one, other = two
    assert one.said(one.post("/settings", seen="", name="新园区", colour="#654321")) == "已保存到草稿。"
    page = other.get("/settings").text
    seen = {name: re.search(rf'name="{name}" value="(\w*)"', page)[1] for name in ("seen", "seen_logo")}  # type: ignore[index]
    assert other.said(other.upload(("x.png", picture("PNG")), to=DESK_LOGO, **seen)) == "标志已保存到草稿。"
    checked_and_published(other)
    for person in two:
        until(lambda person=person: "新园区 问答" in person.client.get("/ask").text)  # type: ignore[misc]
        assert person.client.get("/logo").content == picture("PNG")
        assert "#654321" in person.client.get("/embed").text


def test_a_back_up_of_one_is_put_back_at_the_other(two: Two) -> None:
    one, other = two
    backup = one.post("/backup/download", passphrase=PASSPHRASE, again=PASSPHRASE).content
    one.upload(("食堂.md", FOOD))
    checked_and_published(one)
    until(lambda: answered(other))
    said = other.said(other.upload(("我的.backup", backup), to="/backup/restore", passphrase=PASSPHRASE))
    assert "有 1 份资料不同，已放进草稿" in said
    checked_and_published(other)
    for person in two:
        until(lambda person=person: not answered(person))  # type: ignore[misc]
    assert {path.name: path.read_text() for path in one.office.settings.corpus.glob("*.md")} == {
        "租金.md": RENT,
        "班车.md": LINE,
    }


def test_the_other_pages_need_no_index_in_a_folder(two: Two, tmp_path: Path) -> None:
    one, other = two
    (tmp_path / "laptop").mkdir()
    record(tmp_path / "laptop", ("哪里打羽毛球", "refusal"))
    laptop = ("展位1.db", (tmp_path / "laptop" / "journal.db").read_bytes())
    assert "新并入 1 条" in one.said(one.upload(laptop, to="/report/merge"))
    assert "新并入 0 条，已有的 1 条" in other.said(other.upload(laptop, to="/report/merge"))
    assert [each.question for each in read(tmp_path / "journal.db")] == ["哪里打羽毛球"]
    assert "哪里打羽毛球" in other.get("/report/table").content.decode("utf-8-sig")
    assert "哪里打羽毛球" in other.get("/questions").text
    assert "班车每天早上7点30分" in one.post("/settings/try?field=suggestions", suggestions="班车几点发车？").text
    assert "3号楼的租金" in one.get("/why?q=3号楼的租金是多少").text
    one.post("/machine")
    until(lambda: bool(one.get("/machine/progress").headers.get("hx-refresh")))
    assert re.search(r"postgresql://[^<]*：2 段", one.get("/machine").text)
