"""Mails: subject, day, text and attachments, whatever the program that wrote them."""

from __future__ import annotations

from base64 import b64encode
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path
from quopri import encodestring

import pytest

import papers
from parkqa.corpus.documents import read_corpus
from parkqa.corpus.readers import mail
from parkqa.corpus.readers.draft import Unreadable
from parkqa.types import Document

pytestmark = pytest.mark.usefixtures("kept_readers")


def word(text: str, encoding: str) -> str:
    return f"=?{encoding}?B?{b64encode(text.encode('gb18030' if encoding != 'UTF-8' else 'utf-8')).decode()}?="


def written(head: str, body: bytes) -> bytes:
    return head.replace("\n", "\r\n").encode("ascii") + b"\r\n\r\n" + body


def by_path(folder: Path) -> dict[str, Document]:
    read = read_corpus(folder)
    assert read.failed == ()
    return {document.path: document for document in read.documents}


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("=?UTF-8?B?54+t6L2m6YCa55+l?=", "班车通知"),
        (word("班车通知", "GB2312"), "班车通知"),
        (word("班车通知（镕）", "gbk"), "班车通知（镕）"),
        ("=?utf-8?Q?=E7=8F=AD=E8=BD=A6?= =?utf-8?Q?=E9=80=9A=E7=9F=A5?=", "班车通知"),
        ("=?UTF-8?B?54+t6L0=?=\r\n =?UTF-8?B?pumAmuefpQ==?=", "班车通知"),  # a character in two words
        ("Re: =?UTF-8?B?54+t6L2m?= 2026", "Re: 班车 2026"),
        ("=?UTF-8?B?broken!?=", "=?UTF-8?B?broken!?="),
    ],
)
def test_the_subject_is_the_title(subject: str, title: str) -> None:
    assert mail.read(f"Subject: {subject}\r\n\r\n八点发车。".encode()).meta["title"] == title


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_subject_that_is_not_encoded_is_read_all_the_same(encoding: str) -> None:
    raw = "Subject: 班车通知\r\nContent-Type: text/plain\r\n\r\n八点发车。".encode(encoding)
    assert (mail.read(raw).meta["title"], mail.read(raw).text) == ("班车通知", "八点发车。")


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Mon, 4 Mar 2024 23:30:00 +0800", "2024-03-04"),
        ("4 Mar 2024 09:00 GMT", "2024-03-04"),
        ("昨天", None),
        ("Mon, 99 Foo 2024", None),
    ],
)
def test_the_day_is_that_on_which_it_was_sent(line: str, day: str | None) -> None:
    assert mail.read(f"Date: {line}\r\n\r\n八点发车。".encode()).meta.get("date") == day


@pytest.mark.parametrize("named", ["gb2312", "GBK", "x-gbk", "gb18030", "cp936"])
@pytest.mark.parametrize("way", ["base64", "quoted-printable", "8bit"])
def test_text_in_any_chinese_encoding_and_way_of_writing_is_read(named: str, way: str) -> None:
    raw = "园区食堂在镕楼，电话0523—8。".encode("gb18030")
    body = {"base64": b64encode(raw), "quoted-printable": encodestring(raw), "8bit": raw}[way]
    head = f"Subject: x\nContent-Type: text/plain; charset={named}\nContent-Transfer-Encoding: {way}"
    assert mail.read(written(head, body)).text == "园区食堂在镕楼，电话0523—8。"


def test_of_several_forms_the_one_with_tables_is_read() -> None:
    message = EmailMessage()
    message["Subject"] = "租金"
    message.set_content("租金见表")
    message.add_alternative(
        "<table><tr><th>楼栋</th><th>租金</th></tr><tr><td>1号楼</td><td>35</td></tr></table>", subtype="html"
    )
    draft = mail.read(message.as_bytes())
    assert [(b.kind, draft.text[b.start : b.end]) for b in draft.blocks if b.kind != "break"] == [
        ("columns", "楼栋 | 租金"),
        ("row", "1号楼 | 35"),
    ]
    assert draft.meta["title"] == "租金"


def test_parts_below_each_other_are_all_read() -> None:
    message = MIMEMultipart()
    for text, kind in (("上午八点发车。", "plain"), ("<p>下午五点发车。</p>", "html"), ("周末停运。", "plain")):
        message.attach(MIMEText(text, kind, "utf-8"))
    assert mail.read(message.as_bytes()).text == "上午八点发车。\n下午五点发车。\n周末停运。"


def test_lines_that_go_on_are_joined() -> None:
    head = "Subject: x\nContent-Type: text/plain; charset=utf-8; format=flowed; delsp=yes"
    body = "园区班车自下周起改为八点发车， \n请各单位转告。\n-- \n张三".encode()
    assert mail.read(written(head, body)).text.splitlines()[0] == "园区班车自下周起改为八点发车，请各单位转告。"


def test_an_html_mail_without_a_named_encoding_names_it_itself() -> None:
    page = '<html><head><meta charset="gbk"></head><body><p>班车八点发车。</p></body></html>'
    assert mail.read(written("Subject: x\nContent-Type: text/html", page.encode("gbk"))).text == "班车八点发车。"


@pytest.mark.parametrize(
    ("head", "part"),
    [
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data", "加密"),
        ('Content-Type: multipart/encrypted; boundary="a"', "加密"),
        ("Content-Type: text/plain; charset=utf-8", "UTF-8"),
    ],
)
def test_what_cannot_be_read_says_why(head: str, part: str) -> None:
    with pytest.raises(Unreadable) as error:
        mail.read(written(f"Subject: x\n{head}", b"\xff\xfe\x00\x80\x81"))
    assert part in error.value.zh


@pytest.mark.slow
def test_a_page_saved_as_one_file_is_read(tmp_path: Path) -> None:
    head = f"From: <Saved by Blink>\nSubject: {word('办事指南', 'UTF-8')}\nMIME-Version: 1.0\n"
    head += 'Content-Type: multipart/related; boundary="b"'
    page = "--b\nContent-Type: text/html; charset=utf-8\n\n<h1>办事指南</h1><p>半天办结。</p>\n"
    style = "--b\nContent-Type: text/css\n\np {}\n--b--\n"
    for name in ("a.mht", "b.mhtml"):
        (tmp_path / name).write_bytes(written(head, f"{page}{style}".encode()) + name.encode())
    (document,) = by_path(tmp_path).values()
    assert (document.title, document.text, document.date) == ("办事指南", "办事指南\n半天办结。", None)


# Attachments


def message(*attached: tuple[str, bytes], text: str = "见附件。") -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = "通知"
    made["Date"] = "Mon, 4 Mar 2024 09:00:00 +0800"
    made.set_content(text)
    for name, raw in attached:
        made.add_attachment(raw, maintype="application", subtype="octet-stream", filename=name)
    return made


def test_attachments_are_documents_of_their_own(tmp_path: Path) -> None:
    made = message(
        ("指南.docx", papers.guide_docx()), ("说明.txt", "园区食堂在一楼。".encode("gb18030")), ("a.png", b"x")
    )
    (tmp_path / "通知.eml").write_bytes(made.as_bytes())
    read = read_corpus(tmp_path, {"通知.eml/说明.txt": {"title": "食堂", "date": "2024"}})
    assert [(d.path, d.title, d.date) for d in read.documents] == [
        ("通知.eml", "通知", "2024-03-04"),
        ("通知.eml/指南.docx", "企业入园服务指南", None),
        ("通知.eml/说明.txt", "食堂", "2024"),
    ]
    assert (read.skipped, read.failed, read.notes) == (("通知.eml/a.png",), (), ())


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        f'filename="{word("说明.txt", "GB2312")}"',
        "filename*=utf-8''%E8%AF%B4%E6%98%8E.txt",
        "filename*0*=gbk''%CB%B5; filename*1*=%C3%F7.txt",
        'filename="C:\\\\docs\\\\=?UTF-8?B?6K+05piOLnR4dA==?="',
    ],
)
def test_the_name_of_an_attachment_is_read_however_it_is_encoded(tmp_path: Path, line: str) -> None:
    head = f"Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain\nContent-Disposition: attachment; {line}"
    (tmp_path / "a.eml").write_bytes(written(head, "食堂在一楼。".encode()))
    assert [*by_path(tmp_path)] == ["a.eml/说明.txt"]


@pytest.mark.slow
def test_a_mail_within_a_mail_and_attachments_of_one_name(tmp_path: Path) -> None:
    outer = message(("a.txt", b"Hall A."), ("a.txt", b"Hall B."), text="转发。")
    outer.add_attachment(message(("c.txt", b"Hall C."), text="原来的通知。"))
    (tmp_path / "x.eml").write_bytes(outer.as_bytes())
    assert {path: document.text for path, document in by_path(tmp_path).items()} == {
        "x.eml": "转发。",
        "x.eml/a.txt": "Hall A.",
        "x.eml/a (2).txt": "Hall B.",
        "x.eml/通知.eml": "原来的通知。",
        "x.eml/通知.eml/c.txt": "Hall C.",
    }


@pytest.mark.slow
def test_a_mail_of_nothing_but_an_attachment_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(message(("说明.txt", "食堂在一楼。".encode()), text="").as_bytes())
    assert [*by_path(tmp_path)] == ["a.eml/说明.txt"]
    (tmp_path / "b.eml").write_bytes(message(text="").as_bytes())
    assert ["空" in error.zh for error in read_corpus(tmp_path).failed] == [True]


@pytest.mark.slow
def test_what_is_attached_and_not_read_is_named_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(message(("旧.ofd", b"x"), ("坏.docx", b"x")).as_bytes())
    read = read_corpus(tmp_path)
    assert [error.path for error in read.failed] == ["a.eml/坏.docx", "a.eml/旧.ofd"]
    assert [document.path for document in read.documents] == ["a.eml"]


@pytest.mark.parametrize(
    "head",
    [
        "------------------ 原始邮件 ------------------\n发件人: 王经理 <a@b.cn>\n发送时间: 2026年6月9日\n主题: 报价",
        "From: Wang <a@b.cn>\nSent: Tuesday\nTo: c@d.cn\nSubject: price",
    ],
)
def test_the_head_of_a_mail_that_is_quoted_below_a_reply_is_no_text(head: str) -> None:
    text = f"报价有效期至6月30日。\n\n{head}\n\n请提供厂房报价。\n"
    draft = mail.read(b"Subject: a\nContent-Type: text/plain; charset=utf-8\n\n" + text.encode())
    assert [line for line in draft.text.split("\n") if line] == ["报价有效期至6月30日。", "请提供厂房报价。"]
    (note,) = draft.notes
    assert "a@b.cn" in note.zh and not note.warns


def test_an_address_to_send_to_is_text() -> None:
    text = "样品请寄：\n收件人：陈晨\n地址：江海路1号\n"
    draft = mail.read(b"Subject: a\nContent-Type: text/plain; charset=utf-8\n\n" + text.encode())
    assert "收件人：陈晨" in draft.text
