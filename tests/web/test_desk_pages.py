"""The pages of the desk: what staff see and do there, and what it says when something cannot be done."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from desks import ME, RENT, SHE, Browser, open_desk, record
from local_site import Site, page
from papers import handbook_pdf
from parkqa.desk import publishing
from parkqa.desk.checking import HERE
from parkqa.desk.library import Library
from parkqa.desk.readiness import CHECKS, Finding, Said
from parkqa.desk.readings import Readings
from parkqa.journal.entries import read
from parkqa.web.desk import uploads
from parkqa.web.paths import DESK_DOCUMENTS
from waiting import until

FOOD = "# 食堂\n\n食堂中午11点开饭。\n".encode()
RISEN = RENT.replace("20", "25").encode()


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Browser]:
    with open_desk(tmp_path) as browser:
        browser.log_in()
        browser.office.desk.library.read_pending()
        yield browser


def row(page: str, name: str) -> str:
    """The line of a document in the list, without its markup."""
    found = next(each for each in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if name in each)
    return re.sub(r"<[^>]+>|\s+", " ", found)


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


def read_to_the_end(person: Browser, words: str = "") -> str:
    """The list once no file is being read any more."""

    def read() -> str:
        part = person.get(f"/documents/progress?q={words}").text
        return "" if "hx-get" in part else part

    return until(read, 0.05)


def test_a_file_is_put_in_looked_at_checked_and_published(person: Browser) -> None:
    ask = {"question": "食堂几点开饭？"}
    assert person.said(person.upload(("食堂.md", FOOD))) == "已放进：食堂.md。"
    assert "新的，未发布" in row(person.get("/").text, "食堂.md")
    page = person.get("/document?name=食堂.md").text
    assert "食堂中午11点开饭。" in page
    assert person.client.post("/api/ask", json=ask).json()["refused"]
    assert person.said(person.post("/publish/check")).startswith("开始检查了")
    person.idle()
    page = person.get("/publish").text
    assert "发布以后会怎样" in page
    person.post("/publish/publish", version=field(page, "version"))
    person.idle()
    until(lambda: not person.client.post("/api/ask", json=ask).json()["refused"])
    answer = person.client.post("/api/ask", json=ask).json()
    assert answer["quotes"][0]["document"] == "食堂.md"
    assert "在用" in row(person.get("/").text, "食堂.md")
    page = person.get("/publish").text
    assert "食堂.md" in page
    person.post("/publish/back")
    person.idle()
    assert not (person.office.settings.corpus / "食堂.md").exists()
    page = person.get("/publish").text
    assert [page.count(word) for word in ("已退回", "<strong>退回</strong>")] == [1, 1]
    assert page.index("<strong>退回</strong>") < page.index("已退回")
    deeds = re.sub(r"<[^>]+>|\s+", " ", person.get("/trail").text)
    for deed in ("登录", "放进 食堂.md", "检查影响", "发布 食堂.md", "退回上一版 食堂.md"):
        assert deed in re.sub(" +", " ", deeds)


def test_what_has_not_been_read_is_read_by_itself_and_told(tmp_path: Path) -> None:
    with open_desk(tmp_path) as person:
        person.log_in()
        page = person.get("/").text
        assert "还没读" in row(page, "租金.md")
        assert "正在读" in page
        part = read_to_the_end(person, "每平方米")
        assert "在用" in row(part, "租金.md")
        assert "班车.md" not in part
        assert "<html" not in part


def test_the_list_is_asked_for_once_more_where_reading_ends_while_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_desk(tmp_path) as person:
        person.log_in()
        monkeypatch.setattr(Library, "begin_reading", lambda self, who: self.read_pending())
        made = person.get("/documents/progress").text
        assert "还没读" in row(made, "租金.md")
        assert "hx-get" in made
        renewed = person.get("/documents/progress").text
        assert "在用" in row(renewed, "租金.md")
        assert "hx-get" not in renewed


def test_where_reading_fails_it_is_said_and_begun_again_when_asked_for(
    person: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Readings, "read", lambda _, files: (1 / 0 for _ in files))
        (person.office.settings.corpus / "车位.md").write_text("# 车位\n\n有40个。\n", encoding="utf-8")
        person.get("/")
        assert "出了错，没有做完" in read_to_the_end(person)
    assert "出了错，没有做完" in person.get("/").text
    assert person.said(person.post("/documents/read")) == "开始读了。"
    assert "新的，未发布" in row(read_to_the_end(person), "车位.md")


def test_asking_how_far_it_is_leaves_the_session_as_it_is(person: Browser) -> None:
    for path in ("/progress", "/documents/progress", "/sites/progress", "/machine/progress"):
        reply = person.get(path)
        assert (reply.status_code, reply.headers.get("set-cookie")) == (200, None)


@pytest.mark.slow
def test_of_many_files_the_good_ones_are_taken_and_the_others_named(person: Browser) -> None:
    said = person.said(
        person.upload(("食堂.md", FOOD), ("坏.pdf", b"%PDF-1.4 x"), ("a.exe", b"MZ"), ("../班车2.md", FOOD))
    )
    assert said.startswith("已放进 2 份；没有收：")
    assert "坏.pdf：" in said
    assert "a.exe：" in said
    assert set(person.office.desk.shelf.state().draft) == {"食堂.md", "班车2.md"}


def test_no_file_at_all_is_said(person: Browser) -> None:
    assert person.said(person.upload(("", b""))) == "没有选文件。"
    reply = person.client.post(f"/desk{DESK_DOCUMENTS}", content=b"x", headers={"content-type": "multipart/form-data"})
    assert "没有收到文件" in person.said(reply)
    reply = person.client.post(
        f"/desk{DESK_DOCUMENTS}",
        content=b"--b\r\nnonsense",
        headers={"content-type": "multipart/form-data; boundary=b"},
    )
    assert "没有收到文件" in person.said(reply)


def test_too_many_and_too_large_files_change_nothing(person: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "最多 20 份" in person.said(person.upload(*[(f"{n}.md", FOOD) for n in range(21)]))
    monkeypatch.setattr(uploads, "ON_DISK", 1000)
    assert "没有收" in person.said(person.upload(("大.md", b"x" * 1001)))
    monkeypatch.setattr(uploads, "UPLOAD_BYTES", 2000)
    assert "一次最多" in person.said(person.upload(*[(f"{n}.md", b"x" * 900) for n in range(5)]))
    assert person.office.desk.shelf.state().draft == {}
    assert [*person.office.desk.folder.incoming.iterdir()] == []


def test_a_full_disk_is_said(person: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("parkqa.desk.blobs.sync", full)
    assert "写不进去（No space left on device）" in person.said(person.upload(("食堂.md", FOOD)))
    assert person.office.desk.shelf.state().draft == {}
    assert list(person.office.texts()) == ["班车.md", "租金.md"]


def test_a_script_gets_no_page_and_leaves_the_message_for_it(person: Browser) -> None:
    token = person.token("/")
    reply = person.client.post(
        f"/desk{DESK_DOCUMENTS}",
        data={"csrf": token},
        files={"file": ("食堂.md", FOOD)},
        headers={"x-requested-with": "desk"},
    )
    assert (reply.status_code, reply.text) == (204, "")
    assert "已放进：食堂.md。" in person.get("/").text


def test_a_page_is_shown_beside_its_text(person: Browser) -> None:
    person.upload(("手册.pdf", handbook_pdf()))
    assert "/desk/document/page?name=%E6%89%8B%E5%86%8C.pdf" in person.get("/document?name=手册.pdf").text
    assert "/document/page" not in person.get("/document?name=租金.md").text
    shown = BeautifulSoup(person.get("/document/page?name=手册.pdf&n=2").text, "html.parser")
    assert [tab["aria-current"] for tab in shown.select(".pq-sheets a") if tab.text == "2"] == ["page"]
    assert "招商热线：0523-80000000" in shown.select_one(".pq-look-beside section").text
    assert "主导产业" not in shown.select_one(".pq-look-beside section").text
    reply = person.client.get(shown.select_one("figure img")["src"])
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/webp")
    assert reply.headers["cache-control"] == "no-store"
    for script in ({"hx-request": "true"}, {}):
        page = person.client.get("/desk/document/page?name=手册.pdf", headers=script).text
        assert ("<html" in page) == (not script)
        assert "园区地处长江北岸" in page


def test_a_page_that_cannot_be_shown_is_said(person: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    person.upload(("手册.pdf", handbook_pdf()))
    assert person.get("/document/page?name=手册.pdf&n=9").status_code == 404
    assert person.get("/document/page?name=没有.pdf").status_code == 404
    assert "没有能看样子的页" in person.get("/document/page?name=租金.md").text
    monkeypatch.setattr("parkqa.corpus.page_pictures.PagePictures._made", lambda *_: None)
    page = person.get("/document/page?name=手册.pdf").text
    assert "这一页的样子画不出来" in page and "<img" not in page
    assert "园区地处长江北岸" in page
    assert person.get("/document/picture?name=手册.pdf&n=1").status_code == 404


def test_two_people_do_not_lose_each_others_work(person: Browser) -> None:
    seen = person.office.seen("租金.md")
    other = Browser(client=person.client, office=person.office)
    assert "已换成新的" in person.said(person.upload(("x.md", RISEN), name="租金.md", seen=seen))
    person.client.cookies.clear()
    other.log_in(SHE[0])
    said = other.said(other.upload(("x.md", RENT.replace("20", "30").encode()), name="租金.md", seen=seen))
    assert said == f"您打开以后，{ME[0]} 已经改了 租金.md，您的改动没有保存。请看过现在的内容再改。"
    assert "25元" in person.office.desk.library.row("租金.md").file.path.read_text(encoding="utf-8")


def test_title_dates_and_staff_only_are_set(person: Browser) -> None:
    page = person.get("/document?name=租金.md").text
    seen = field(page, "seen")
    given = {"title": "租金表", "date": "2026", "valid_until": "2020-01-01", "staff_only": "on"}
    assert person.said(person.post("/document/describe", name="租金.md", seen=seen, **given)) == "已保存到草稿。"
    page = person.get("/document?name=租金.md").text
    assert "<h1>租金表</h1>" in page
    assert "还没读" not in page
    person.office.desk.library.read_pending()
    line = row(person.get("/").text, "租金.md")
    assert "租金表" in line
    assert "有改动，未发布" in line
    assert "已过期" in line
    page = person.get("/document?name=租金.md").text
    assert "checked" in page
    assert field(page, "title") == "租金表"
    assert "有效期应写成" in person.said(
        person.post("/document/describe", name="租金.md", seen=field(page, "seen"), valid_until="x")
    )


@pytest.mark.slow
def test_renaming_retiring_and_bringing_back(person: Browser) -> None:
    seen = person.office.seen("租金.md")
    assert person.said(person.post("/document/rename", name="租金.md", seen=seen, to="价目")) == "已改名为 价目.md。"
    assert "还没有发布" in person.get("/document?name=价目.md").text
    person.post("/publish/discard")
    assert "已撤下" in person.said(person.post("/document/retire", name="租金.md", seen=seen))
    assert "已撤下，未发布" in row(person.get("/").text, "租金.md")
    assert person.get("/document?name=租金.md").status_code == 200
    person.office.publish()
    assert "撤下的，可以找回" in person.get("/").text
    page = person.get("/retired?name=租金.md").text
    version = field(page, "version")
    assert "已换回" in person.said(person.post("/document/bring-back", name="租金.md", seen="", version=version))
    assert "没有保留" in person.said(person.post("/document/bring-back", name="租金.md", seen="", version="0" * 64))


def test_what_is_not_there_is_said(person: Browser) -> None:
    away = "../../etc/passwd"
    for path in (
        "/document?name=无.md",
        f"/document?name={away}",
        f"/document/file?name={away}",
        "/retired?name=x",
        "/x",
    ):
        reply = person.get(path)
        assert reply.status_code == 404
        assert "回到资料" in reply.text
    assert "没有这个动作" in person.said(person.post("/document/fly", name="租金.md"))
    assert "没有这个动作" in person.said(person.post("/publish/fly"))
    assert "没有 park.yaml" in person.said(person.post("/document/retire", name="park.yaml", seen=""))


def test_the_file_itself_is_handed_out_as_a_download(person: Browser) -> None:
    reply = person.get("/document/file?name=租金.md")
    assert reply.text == RENT
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_hostile_names_and_texts_are_text(person: Browser) -> None:
    bad = "<img src=x onerror=alert(1)>${12321*11}{{12321*11}}"
    person.upload(("x&amp;'.md", f"# {bad}\n\n{bad}\n".encode()))
    for path in ("/", "/document?name=x%26amp;'.md", "/publish", f"/?q={bad}", "/trail"):
        page = person.get(path).text
        assert "<img src=x" not in page
        assert "135531" not in re.sub(r'value="[^"]*"', "", page)


def test_searching_finds_texts(person: Browser) -> None:
    page = person.get("/?q=地铁站").text
    assert "<mark>地铁站</mark>" in page
    assert "租金.md" not in page
    assert "没有找到" in person.get("/?q=不存在的词").text


def test_a_curated_file_is_edited_as_text(person: Browser) -> None:
    page = person.get("/words?file=park.yaml").text
    seen = field(page, "seen")
    wrong = "name: 园区\ncolour: [1]\n"
    reply = person.post("/words", name="park.yaml", text=wrong, seen=seen)
    assert reply.status_code == 422
    assert "park.yaml:2" in reply.text
    assert 'data-line="2"' in reply.text
    assert "colour: [1]" in reply.text
    right = "# 注释\r\nname: 新园区\r\n"
    assert person.said(person.post("/words", name="park.yaml", text=right, seen=seen)) == "已保存到草稿。"
    assert person.office.desk.shelf.text("park.yaml") == "# 注释\nname: 新园区\n"
    assert person.post("/words", name="park.yaml", text=right, seen=seen).status_code == 422
    assert person.post("/words", name="../x", text="", seen="").status_code == 422


@pytest.mark.slow
def test_a_glossary_of_the_usual_size_fits_into_a_form(person: Browser) -> None:
    words = "".join(f"- terms: [词语{n}甲, 词语{n}乙]\n" for n in range(3000))
    assert person.said(person.post("/words", name="glossary.yaml", text=words, seen="")) == "已保存到草稿。"
    reply = person.post("/words", name="glossary.yaml", text="词" * 700_000, seen="")
    assert reply.status_code == 413


def test_a_failed_check_is_said(person: Browser) -> None:
    person.post("/words", name="park.yaml", text="name: 园区\n", seen="")
    (person.office.settings.corpus / "park.yaml").write_text("name: 别的\n", encoding="utf-8")
    person.post("/publish/check")
    person.idle()
    assert "又有人直接改了" in person.get("/publish").text
    assert "请放弃这处改动再改" in person.get("/publish").text


def test_a_publication_is_called_taken_back_only_once_it_is(person: Browser) -> None:
    shelf = person.office.desk.shelf
    person.office.replace("租金.md", RISEN.decode())
    person.office.publish()
    last = publishing.take_back(shelf, ME[0])
    page = person.get("/publish").text
    assert "还没做完" in page
    assert "已退回" not in page
    publishing.finish(shelf, last)
    page = person.get("/publish").text
    assert "还没做完" not in page
    assert "已退回" in page


def test_what_was_published_before_the_check_ended_is_not(person: Browser) -> None:
    person.upload(("食堂.md", FOOD))
    said = person.said(person.post("/publish/publish", version="0" * 64))
    assert "没有发布" in said


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/document?name=租金.md",
        "/publish",
        "/words",
        "/trail",
        "/report",
        "/backup",
        "/document?name=x.md",
        "/settings",
        "/settings/glossary",
        "/settings/faq",
        "/settings/share",
        "/sites",
        "/machine",
    ],
)
def test_in_english_no_chinese_of_ours_is_left(person: Browser, path: str) -> None:
    person.upload(("食堂.md", FOOD))
    person.post("/language", to="en")
    page = person.get(path).text
    soup = BeautifulSoup(page, "html.parser")
    for theirs in soup.select("bdi, textarea, blockquote, strong, h1, title, tbody th, .pq-block, [lang=zh]"):
        theirs.decompose()
    ours = soup.get_text().replace(ME[0], "").replace("园", "")
    assert not re.findall(r"[\u4e00-\u9fff]", ours)


def test_a_question_is_led_to_its_answer(tmp_path: Path) -> None:
    record(tmp_path, ("哪里打羽毛球", "refusal"), ("哪里打羽毛球", "refusal"), disliked="<b>找不到</b>")
    with open_desk(tmp_path) as person:
        person.log_in()
        page = person.get("/questions").text
        assert "问过 2 次" in page
        assert "&lt;b&gt;找不到" in page
        link = re.search(r"/desk(/question\?id=[0-9a-f]{16})", page)
        assert link
        page = person.get(f"{link[1]}&words=地铁站").text
        assert "班车每天早上7点30分从地铁站发车。" in page
        given = {"form0": "哪里打羽毛球", "passage": field(page, "passage"), "first": "0", "last": "0"}
        assert "已写进草稿里的 faq.yaml" in person.said(person.post("/question/answer", **given))
        assert "没有这几句" in person.said(person.post("/question/answer", **{**given, "last": "9" * 9}))
        assert "没有这一段" in person.said(person.post("/question/answer", **{**given, "passage": "x"}))
        assert "glossary.yaml" in person.said(person.post("/question/synonym", word="摆渡车", known="班车"))
        said = person.said(person.post("/question/draft", title="摆渡车", text="摆渡车在东门上车。"))
        assert "摆渡车.md" in said
        assert "没有这个动作" in person.said(person.post("/question/fly"))
        assert person.get("/question?id=x").status_code == 404
        assert set(person.office.desk.shelf.state().draft) == {"faq.yaml", "glossary.yaml", "摆渡车.md"}


def test_why_an_answer_is_as_it_is(person: Browser) -> None:
    assert person.get("/why").status_code == 200
    page = person.get("/why?q=班车几点发车？").text
    assert "考虑过的段落" in page
    assert "的把握" in page
    assert person.get(f"/why?q={'x' * 501}").status_code == 422
    assert person.get("/questions").status_code == 200


def test_a_report_of_nothing_says_so_everywhere(person: Browser) -> None:
    page = person.get("/report").text
    assert page.count("<p>没有。</p>") == 3
    assert "<li>没有" not in page


def test_the_report_counts_what_was_asked(tmp_path: Path) -> None:
    asked = (("哪里打羽毛球", "refusal"), ("班车几点发车？", "answer"), ("班车几点发车？", "answer"))
    record(tmp_path, *asked, disliked="不对")
    with open_desk(tmp_path) as person:
        person.log_in()
        text = re.sub(r"<[^>]+>|\s+", " ", person.get("/report").text)
        for figure in ("3 个问题", "2 答上了", "1 没答上", "1 没用", "2 次，答上 2 次"):
            assert figure in re.sub(" +", " ", text)
        today = datetime.now().date()
        assert "<strong>3</strong>" in person.get(f"/report?since={today}&until={today}").text
        assert "<strong>3</strong>" not in person.get(f"/report?until={today - timedelta(days=1)}").text
        assert person.get("/report?since=gestern").status_code == 404
        lines = person.get("/report/lines")
        assert lines.headers["content-disposition"] == 'attachment; filename="journal.jsonl"'
        assert [json.loads(line)["question"] for line in lines.text.splitlines()] == [text for text, _ in asked]
        table = person.get("/report/table")
        assert table.headers["content-disposition"] == 'attachment; filename="journal.csv"'
        rows = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"), newline=""))
        assert [row["question"] for row in rows] == [text for text, _ in asked]
        assert table.content.startswith(b"\xef\xbb\xbf")
        assert "导出问答记录" in person.get("/trail").text


def test_the_table_runs_nothing_in_a_spreadsheet(tmp_path: Path) -> None:
    record(tmp_path, ("=HYPERLINK(1)", "refusal"))
    with open_desk(tmp_path) as person:
        person.log_in()
        (row,) = csv.DictReader(io.StringIO(person.get("/report/table").content.decode("utf-8-sig"), newline=""))
        assert row["question"] == "'=HYPERLINK(1)"


def test_the_journals_of_a_fair_are_merged_into_the_one_in_use(tmp_path: Path) -> None:
    (tmp_path / "laptop").mkdir()
    record(tmp_path / "laptop", ("哪里打羽毛球", "refusal"), ("班车几点发车？", "answer"))
    laptop = (tmp_path / "laptop" / "journal.db").read_bytes()
    with open_desk(tmp_path) as person:
        person.log_in()
        person.client.post("/api/ask", json={"question": "租金是多少？"})
        journals = (("展位1.db", laptop), ("坏.db", b"SQLite format 3\0" + b"x" * 5000))
        said = person.said(person.upload(*journals, to="/report/merge"))
        assert "展位1.db：新并入 2 条，已有的 0 条。" in said
        assert "坏.db：这不是 parkqa 的问答记录" in said
        assert "新并入 0 条，已有的 2 条" in person.said(person.upload(journals[0], to="/report/merge"))
        person.client.post("/api/ask", json={"question": "班车几点？"})
        assert "合并问答记录 展位1.db" in re.sub(r"<[^>]+>|\s+", " ", person.get("/trail").text).replace("  ", " ")
    assert sorted(each.question for each in read(tmp_path / "journal.db")) == sorted(
        ["哪里打羽毛球", "班车几点发车？", "班车几点？", "租金是多少？"]
    )


def test_without_a_journal_the_report_says_so(tmp_path: Path) -> None:
    with open_desk(tmp_path, journal=None) as person:
        person.log_in()
        assert "没有开问答记录" in person.get("/report").text
        assert person.get("/report/lines").status_code == 404
        assert "问答记录没有开" in person.get("/questions").text


def test_a_back_up_is_downloaded_and_put_back(person: Browser) -> None:
    folder = person.office.desk.folder
    assert "两次写的密码不一样" in person.said(person.post("/backup/download", passphrase="x" * 10, again="x" * 11))
    assert "至少 10 个字" in person.said(person.post("/backup/download", passphrase="x", again="x"))
    reply = person.post("/backup/download", passphrase="一句很长很长的备份密码", again="一句很长很长的备份密码")
    assert re.fullmatch(r'attachment; filename="parkqa-[\d-]+\.backup"', reply.headers["content-disposition"])
    assert RENT.encode() not in reply.content
    assert [*folder.incoming.iterdir()] == []
    file = ("我的.backup", reply.content)
    (person.office.settings.corpus / "租金.md").write_bytes(RISEN)
    said = person.said(person.upload(file, to="/backup/restore", passphrase="另一句很长的密码"))
    assert "密码不对，什么也没有改" in said
    assert "不是 parkqa 的备份" in person.said(person.upload(("x.zip", b"PK"), to="/backup/restore"))
    said = person.said(person.upload(file, to="/backup/restore", passphrase="一句很长很长的备份密码"))
    assert "有 1 份资料不同，已放进草稿" in said
    assert [*person.office.desk.shelf.state().draft] == ["租金.md"]
    assert "租金.md" in person.get("/publish").text
    again = person.said(person.upload(file, to="/backup/restore", passphrase="一句很长很长的备份密码"))
    assert "请先发布或放弃" in again
    trail = re.sub(r"<[^>]+>|\s+", " ", person.get("/trail").text)
    assert re.search(r"恢复备份 +我的\.backup.*备份 ", trail)
    plain = person.post("/backup/download", passphrase="", again="")
    assert plain.content.startswith(b"PK")
    assert [*folder.incoming.iterdir()] == []


def test_a_long_message_does_not_take_the_session_with_it(person: Browser) -> None:
    """Browsers keep no cookie of more than 4,096 bytes."""
    journals = [(f"{'很长的名字' * 10}{n}.db", b"x") for n in range(20)]
    reply = person.upload(*journals, to="/report/merge")
    assert len(reply.headers["set-cookie"]) < 4096
    assert "不是 parkqa 的问答记录" in person.said(reply)


def test_the_machine_is_checked_in_the_background(person: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Finding(Said("资料", "corpus"), False, Said("坏.pdf：读不了", "坏.pdf: <b>"), Said("换一份", "replace it"))
    well = [Finding(check.name, True, Said("好", "well")) for check in CHECKS if check.name.en not in HERE]
    found = [wrong if each.name == wrong.name else each for each in well]
    monkeypatch.setattr("parkqa.desk.checking.beside", lambda *_: found)
    assert person.said(person.post("/machine")) == "开始检查了。"
    until(lambda: person.get("/machine/progress").headers.get("hx-refresh"))
    page = person.get("/machine").text
    assert "有 1 项要处理" in page
    assert "坏.pdf：读不了" in page
    assert "→ 换一份" in page
    assert "检查这台电脑" in person.get("/trail").text
    person.post("/language", to="en")
    page = person.get("/machine").text
    assert "1 to be mended" in page
    assert "坏.pdf: &lt;b&gt;" in page
    assert "换一份" not in page


def test_the_web_site_is_fetched_in_the_background(person: Browser) -> None:
    assert "写上网址" in person.get("/").text
    assert "没有要取的网站" in person.said(person.post("/sites"))
    with Site({"/": page("介绍", "园区成立于2003年。")}) as site:
        text = f"- address: http://{site.host}\n  private: true\n  pause: 0\n"
        (person.office.settings.corpus / "sites.yaml").write_text(text, encoding="utf-8")
        assert site.host in person.get("/").text
        assert "开始取了" in person.said(person.post("/sites"))
        until(lambda: person.get("/sites/progress").headers.get("hx-refresh"))
    shown = person.get("/sites").text
    assert "新 1 页，变了 0 页，没变 0 页，没有了 0 页。" in shown
    assert f"<bdi>http://{site.host}/</bdi>" in shown
    assert "新的，未发布" in row(person.get("/").text, "sites/")
    assert f"取网站 http://{site.host}" in re.sub(r"<[^>]+>|\s+", " ", person.get("/trail").text).replace("  ", " ")


def test_the_park_is_edited_by_field(person: Browser) -> None:
    (person.office.settings.corpus / "park.yaml").write_text("name: 园区 # 旧\n", encoding="utf-8")
    page = person.get("/settings").text
    given = {"seen": field(page, "seen"), "name": "<b>新</b>", "colour": "red", "suggestions": "班车几点发车？"}
    reply = person.post("/settings", **given)
    assert reply.status_code == 422
    soup = BeautifulSoup(reply.text, "html.parser")
    assert "colour 应写成" in soup.select_one("#colour-wrong").get_text()  # type: ignore[union-attr]
    assert soup.select_one("#name")["value"] == "<b>新</b>"  # type: ignore[index]
    assert person.said(person.post("/settings", **{**given, "colour": "#0b6b76"})) == "已保存到草稿。"
    assert person.office.desk.shelf.text("park.yaml") == "name: <b>新</b> # 旧\nsuggestions:\n- 班车几点发车？\n"
    reply = person.post("/settings", **{**given, "colour": "#0b6b76"})
    assert reply.status_code == 422
    assert "您的改动没有保存" in reply.text
    assert "改设置 park.yaml" in re.sub(r"(<[^>]+>|\s)+", " ", person.get("/trail").text)


def test_entries_are_found_changed_and_deleted(person: Browser) -> None:
    text = "".join(f"- terms: [词{n}甲, 词{n}乙]\n" for n in range(40))
    (person.office.settings.corpus / "glossary.yaml").write_text(text, encoding="utf-8")
    assert "词39甲" not in person.get("/settings/glossary").text
    page = person.get("/settings/glossary?q=词39").text
    assert "词39甲、词39乙" in page
    assert "共 1 条" in page
    seen = field(page, "seen")
    reply = person.post("/settings/glossary", place="39", seen=seen, q="词39", terms="只有一个")
    assert reply.status_code == 422
    assert "只有一个" in reply.text
    assert "至少两个词" in reply.text
    saved = person.post("/settings/glossary", place="39", seen=seen, terms="词39甲\n词39丙", en="x")
    assert person.said(saved) == "已保存到草稿。"
    assert person.office.desk.shelf.text("glossary.yaml").endswith("- terms: [词39甲, 词39丙]\n  en: [x]\n")
    seen = field(person.get("/settings/glossary").text, "seen")
    assert person.said(person.post("/settings/glossary", place="0", seen=seen, do="drop")) == "已保存到草稿。"
    assert "词0甲" not in person.office.desk.shelf.text("glossary.yaml")
    wrong = person.post("/settings/faq", seen="", questions="几点", document="班车.md", quote="没有这句")
    assert wrong.status_code == 422
    assert "已经没有这句原文" in wrong.text
    assert person.get("/settings/x").status_code == 404


def test_suggestions_are_tried_while_they_are_typed(person: Browser) -> None:
    page = person.post("/settings/try?field=suggestions", suggestions="班车几点发车？\n哪里打羽毛球\n<i>x").text
    assert "答得上" in page
    assert "班车每天早上7点30分从地铁站发车。" in page
    assert "&lt;i&gt;x" in page
    assert "答不上" in page
    assert "<li>" not in person.post("/settings/try?field=csrf").text


def test_where_the_assistant_is_shown(person: Browser) -> None:
    page = person.get("/settings/share").text
    assert "&lt;script src=&#34;http://127.0.0.1/widget.js&#34; async&gt;" in page
    assert "手机还打不开" in page
    assert "只在这台电脑上能用" in page
    assert 'href="/embed"' in page


@pytest.mark.slow
def test_the_public_address_is_in_the_line_and_in_the_code(tmp_path: Path) -> None:
    sites = ("https://www.example.cn",)
    with open_desk(tmp_path, public_url="http://127.0.0.1/park", embed_origins=sites) as person:
        person.log_in()
        page = person.get("/settings/share").text
    assert "http://127.0.0.1/park/widget.js" in page
    assert "<bdi>http://127.0.0.1/park/chat/</bdi>" in page
    assert 'class="pq-qr"' in page
    assert sites[0] in page
    assert "只在这台电脑上能用" not in page
