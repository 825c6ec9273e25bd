"""The pages of the desk: what staff see and do there, and what it says when something cannot be done."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from desks import ME, RENT, SHE, Browser, open_desk, record
from parkqa.web.desk import uploads
from parkqa.web.paths import DESK_UPLOADS

FOOD = "# 食堂\n\n食堂中午11点开饭。\n".encode()
RISEN = RENT.replace("20", "25").encode()


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Browser]:
    with open_desk(tmp_path) as browser:
        browser.log_in()
        browser.office.desk.read_pending()
        yield browser


def row(page: str, name: str) -> str:
    """The line of a document in the list, without its markup."""
    found = next(each for each in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if name in each)
    return re.sub(r"<[^>]+>|\s+", " ", found)


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


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
    for _ in range(300):  # the server takes a new index over within a second or so
        if not (answer := person.client.post("/api/ask", json=ask).json())["refused"]:
            break
        time.sleep(0.1)
    assert answer["quotes"][0]["document"] == "食堂.md"
    assert "在用" in row(person.get("/").text, "食堂.md")
    page = person.get("/publish").text
    assert "食堂.md" in page
    person.post("/publish/back")
    person.idle()
    assert not (person.office.settings.corpus / "食堂.md").exists()
    assert "已退回" in person.get("/publish").text
    deeds = re.sub(r"<[^>]+>|\s+", " ", person.get("/trail").text)
    for deed in ("登录", "放进 食堂.md", "检查影响", "发布 食堂.md", "退回上一版 食堂.md"):
        assert deed in re.sub(" +", " ", deeds)


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
    reply = person.client.post(f"/desk{DESK_UPLOADS}", content=b"x", headers={"content-type": "multipart/form-data"})
    assert "没有收到文件" in person.said(reply)
    reply = person.client.post(
        f"/desk{DESK_UPLOADS}", content=b"--b\r\nnonsense", headers={"content-type": "multipart/form-data; boundary=b"}
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
        f"/desk{DESK_UPLOADS}",
        data={"csrf": token},
        files={"file": ("食堂.md", FOOD)},
        headers={"x-requested-with": "desk"},
    )
    assert (reply.status_code, reply.text) == (204, "")
    assert "已放进：食堂.md。" in person.get("/").text


def test_two_people_do_not_lose_each_others_work(person: Browser) -> None:
    seen = person.office.seen("租金.md")
    other = Browser(client=person.client, office=person.office)
    assert "已换成新的" in person.said(person.upload(("x.md", RISEN), name="租金.md", seen=seen))
    person.client.cookies.clear()
    other.log_in(SHE[0])
    said = other.said(other.upload(("x.md", RENT.replace("20", "30").encode()), name="租金.md", seen=seen))
    assert said == f"您打开以后，{ME[0]} 已经改了 租金.md，您的改动没有保存。请看过现在的内容再改。"
    assert "25元" in person.office.desk.row("租金.md").file.path.read_text(encoding="utf-8")


def test_title_dates_and_staff_only_are_set(person: Browser) -> None:
    page = person.get("/document?name=租金.md").text
    seen = field(page, "seen")
    given = {"title": "租金表", "date": "2026", "valid_until": "2020-01-01", "staff_only": "on"}
    assert person.said(person.post("/document/describe", name="租金.md", seen=seen, **given)) == "已保存到草稿。"
    person.office.desk.read_pending()
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


def test_what_was_published_before_the_check_ended_is_not(person: Browser) -> None:
    person.upload(("食堂.md", FOOD))
    said = person.said(person.post("/publish/publish", version="0" * 64))
    assert "没有发布" in said


@pytest.mark.parametrize("path", ["/", "/document?name=租金.md", "/publish", "/words", "/trail", "/document?name=x.md"])
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
        assert "导出问答记录" in person.get("/trail").text


def test_without_a_journal_the_report_says_so(tmp_path: Path) -> None:
    with open_desk(tmp_path, journal=None) as person:
        person.log_in()
        assert "没有开问答记录" in person.get("/report").text
        assert person.get("/report/lines").status_code == 404
        assert "问答记录没有开" in person.get("/questions").text
