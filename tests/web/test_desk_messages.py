"""Visitors' messages at the desk: listed as text, worked through, deleted for good, taken along as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from desks import Browser, open_desk, record
from parkqa.desk import audit
from parkqa.desk import messages as desk_messages
from parkqa.journal import entries, messages
from parkqa.journal.messages import Message

NASTY = "<img src=x onerror=alert(1)> https://evil.example {{7*7}}"
FORMULA = "=HYPERLINK(1)"


def left(folder: Path, number: int, days: float = 0, **values: str) -> Message:
    at = entries.stamp(datetime.now(UTC) - timedelta(days=days))
    given = {"question": f"第{number}个问题", "name": "王先生", "contact": "13912345678", **values}
    made = Message(f"{number:08x}" * 4, at, "zh", "chat", **given)
    messages.leave(folder / "messages.db", made)
    return made


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Browser]:
    with open_desk(tmp_path) as browser:
        browser.log_in()
        yield browser


def text(page: str) -> str:
    return " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())


def tabs(page: str) -> str:
    found = BeautifulSoup(page, "html.parser").select_one(".pq-tabs")
    assert found
    return " ".join(found.get_text(" ").split())


def navigation(page: str) -> str:
    found = BeautifulSoup(page, "html.parser").select_one("header nav")
    assert found
    return " ".join(found.get_text(" ").split())


def test_where_none_are_taken_the_desk_says_how_they_are_and_shows_no_way_there(person: Browser) -> None:
    assert "留言" not in navigation(person.get("/").text)
    page = person.get("/messages").text
    assert "没有开留言" in page and "messages: true" in page


def test_they_are_listed_newest_first_with_what_visitors_wrote_as_text(person: Browser, tmp_path: Path) -> None:
    left(tmp_path, 1, 2)
    left(tmp_path, 2, question=NASTY, name='<b>"', contact="javascript:alert(1)")
    left(tmp_path, 3, 181)
    page = person.get("/messages").text
    assert tabs(page) == "全部 2 新的 2 已答复 0 已了结 0"
    assert navigation(page).endswith("留言 3")
    found = BeautifulSoup(page, "html.parser")
    assert [each.get_text() for each in found.select(".pq-message-text bdi")] == [NASTY, "第1个问题"]
    assert "00000002" in page and "13912345678" in page
    assert not found.select("main img, main script, main article a")


def test_state_and_note_are_kept_and_who_comes_second_is_told(person: Browser, tmp_path: Path) -> None:
    made = left(tmp_path, 1)
    change = {"id": made.id, "state": "answered", "note": " 打过电话 ", "seen": "", "back": "/desk/messages?state=new"}
    reply = person.post("/messages/change", **change)
    assert reply.headers["location"] == "/desk/messages?state=new"
    assert person.said(reply) == "已保存。"
    (found,) = messages.read(tmp_path / "messages.db")
    assert (found.state, found.note) == ("answered", "打过电话")
    assert "没有保存" in person.said(person.post("/messages/change", **change | {"state": "closed"}))
    assert tabs(person.get("/messages").text) == "全部 1 新的 0 已答复 1 已了结 0"
    assert "第1个问题" not in person.get("/messages?state=new").text
    assert "第1个问题" in person.get("/messages?state=answered").text


def test_one_is_deleted_and_the_trail_names_its_number_alone(person: Browser, tmp_path: Path) -> None:
    made = left(tmp_path, 1)
    assert person.said(person.post("/messages/delete", id=made.id)) == "留言 00000001 已删除。"
    assert "没有编号" in person.said(person.post("/messages/delete", id=made.id))
    assert messages.read(tmp_path / "messages.db") == []
    deeds = audit.latest(person.office.desk.folder.audit)
    assert [(deed.what, deed.to) for deed in deeds if deed.what.startswith("message")] == [
        ("message_delete", made.number)
    ]
    assert "13912345678" not in person.office.desk.folder.audit.read_text(encoding="utf-8")


@pytest.mark.parametrize("deed", ["change", "delete"])
def test_without_the_token_nothing_is_done(person: Browser, tmp_path: Path, deed: str) -> None:
    made = left(tmp_path, 1)
    reply = person.post(f"/messages/{deed}", "wrong", id=made.id, state="closed", seen="")
    assert reply.status_code == 403
    assert messages.read(tmp_path / "messages.db") == [made]


def test_the_table_runs_nothing_in_a_spreadsheet(person: Browser, tmp_path: Path) -> None:
    left(tmp_path, 1, question=FORMULA, name="＋1", contact="\u200b@SUM(1)")
    reply = person.get("/messages/table")
    assert reply.headers["content-disposition"] == 'attachment; filename="messages.csv"'
    (row,) = csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig")))
    assert (row["question"], row["name"], row["contact"]) == (f"'{FORMULA}", "'＋1", "'\u200b@SUM(1)")


def test_the_list_is_cut_into_pages(person: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_messages, "SHOWN", 2)
    for number in range(1, 4):
        left(tmp_path, number, 4 - number)
    first, second = person.get("/messages").text, person.get("/messages?page=1").text
    assert "第3个问题" in first and "第1个问题" not in first and "page=1" in first
    assert "第1个问题" in second and "第3个问题" not in second and "page=0" in second
    for odd in ("page=-1", "page=x", "state=nonsense", "page=9999"):
        assert person.get(f"/messages?{odd}").status_code == 200


def test_one_is_found_by_the_number_that_a_visitor_names(person: Browser, tmp_path: Path) -> None:
    left(tmp_path, 1)
    left(tmp_path, 0xAB, contact="Wang@example.cn")
    for words in ("000000AB", "wang@EXAMPLE", " 第171个 "):
        page = person.get(f"/messages?q={words}").text
        assert tabs(page) == "全部 1 新的 1 已答复 0 已了结 0"
        assert "第171个问题" in page
    assert "没有。" in person.get("/messages?q=%25").text


def test_the_reports_count_them(person: Browser, tmp_path: Path) -> None:
    record(tmp_path, ("租金多少？", "answer"))
    left(tmp_path, 1)
    left(tmp_path, 2, 30)
    assert "2 条留言" in text(person.get("/report").text)
    day = f"{datetime.now().astimezone() - timedelta(days=1):%Y-%m-%d}"
    assert "1 条留言" in text(person.get(f"/report?since={day}").text)
    assert "访客留了 2 条：新的 2 条" in person.get("/report/page").text


def test_a_damaged_file_is_said_and_the_rest_of_the_desk_works(person: Browser, tmp_path: Path) -> None:
    (tmp_path / "messages.db").write_bytes(b"no database" * 100)
    assert person.get("/").status_code == 200
    assert "读不了" in person.get("/messages").text


def test_the_files_of_a_fair_are_merged_by_upload(person: Browser, tmp_path: Path) -> None:
    ours = left(person.office.folder, 1)
    theirs = left(tmp_path / "laptop", 2)
    left(tmp_path / "laptop", 1)
    gone = left(tmp_path / "laptop", 3)
    messages.delete(tmp_path / "laptop" / "messages.db", gone.number, datetime.now(UTC))
    file = ("展位1.db", (tmp_path / "laptop" / "messages.db").read_bytes())
    said = person.said(person.upload(file, ("坏.db", b"SQLite format 3\0" + b"x" * 5000), to="/messages/merge"))
    assert "展位1.db：新并入 1 条。" in said
    assert "坏.db：留言文件" in said
    assert {each.id for each in messages.read(person.office.folder / "messages.db")} == {ours.id, theirs.id}
    assert "新并入 0 条" in person.said(person.upload(file, to="/messages/merge"))
    assert "合并留言 展位1.db" in text(person.get("/trail").text)
