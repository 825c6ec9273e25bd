"""Files are put in, replaced, renamed, retired and brought back; what is wrong changes nothing."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from desks import LINE, ME, RENT, SHE, Office, office
from parkqa.corpus.curation.faq import read_faq
from parkqa.desk.editing import seen_particulars
from parkqa.desk.publishing import finish, publish
from parkqa.desk.shelf import Overtaken
from parkqa.errors import DocumentError, ParkFileError, ParkqaError

FOOD = "# 食堂\n\n食堂中午11点开饭。\n"


@pytest.fixture
def place(tmp_path: Path) -> Office:
    return office(tmp_path)


def test_the_map_of_the_contact_is_no_document_and_takes_nothing_else_away(place: Office) -> None:
    corpus = place.settings.corpus
    (corpus / "图").mkdir()
    (corpus / "图" / "map.png").write_bytes(b"\x89PNG")
    text = "contact:\n  telephone: '1'\n  map: 图/map.png\ndocuments:\n  租金.md:\n    staff_only: true\n"
    (corpus / "park.yaml").write_text(text, encoding="utf-8")
    assert place.desk.shelf.particulars() == {"租金.md": {"staff_only": "true"}}
    assert place.states() == {"班车.md": ("used",), "租金.md": ("changed",)}
    place.desk.write_text(ME, "park.yaml", text + "name: 新园区\n", place.desk.shelf.files().present["park.yaml"].sha)
    assert place.desk.shelf.park().name == "新园区"
    with pytest.raises(ParkFileError, match=r"没有找到 b\.png"):
        seen = place.desk.shelf.files().present["park.yaml"].sha
        place.desk.write_text(ME, "park.yaml", text.replace("图/map.png", "b.png"), seen)


def test_the_list_says_in_what_state_each_file_is(place: Office) -> None:
    corpus = place.settings.corpus
    (corpus / "坏.pdf").write_bytes(b"%PDF-1.4 nothing")
    (corpus / "logo.gif").write_bytes(b"GIF8")
    (corpus / "旧.md").write_text("---\nvalid_until: 2020-01-01\n---\n# 旧\n\n旧的。\n", encoding="utf-8")
    (corpus / "班车.md").write_text(LINE.replace("7点", "8点"), encoding="utf-8")
    place.desk.retire(ME, "租金.md", place.seen("租金.md"))
    assert place.states() == {
        "logo.gif": ("not_read",),
        "坏.pdf": ("left_out",),
        "旧.md": ("new", "expired"),
        "班车.md": ("changed",),
        "租金.md": ("gone",),
    }


def test_what_is_put_in_is_in_the_draft_and_not_in_the_corpus(place: Office) -> None:
    before = place.texts()
    assert place.add("食堂.md", FOOD) == "食堂.md"
    assert place.texts() == before
    row = place.desk.library.row("食堂.md")
    assert row.conditions == ("new",)
    assert row.reading
    assert (row.reading.title, row.reading.passages) == ("食堂", 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("坏.pdf", b"%PDF-1.4 nothing"),
        ("空.md", b""),
        ("名单.xls", b"\xd0\xcf"),
        ("park.yaml", b"name: x"),
        ("run.exe", b"MZ"),
        (".隐藏.md", FOOD.encode()),
        ("食堂.md.bak", FOOD.encode()),
        ("~$食堂.docx", FOOD.encode()),
        ("食堂.md~", FOOD.encode()),
        ("", FOOD.encode()),
        ("..", FOOD.encode()),
        ("a\nb.md", FOOD.encode()),
        ("a\u202egpj.md", FOOD.encode()),
        ('引"号.md', FOOD.encode()),
        ("a:b.md", FOOD.encode()),
        ("CON.md", FOOD.encode()),
        ("点.md.", FOOD.encode()),
        ("长" * 70 + ".md", FOOD.encode()),
    ],
)
def test_what_is_wrong_changes_nothing(place: Office, name: str, content: bytes) -> None:
    before = place.texts()
    with pytest.raises(ParkqaError) as caught:
        place.add(name, content)
    assert caught.value.zh
    assert str(place.folder) not in str(caught.value)
    assert place.texts() == before
    assert place.desk.shelf.state().draft == {}
    assert [*place.desk.folder.incoming.iterdir()] == []


@pytest.mark.parametrize("given", ["../../etc/食堂.md", "..\\..\\食堂.md", "/abs/食堂.md", "C:\\资料\\食堂.md"])
def test_the_folders_of_the_sender_are_dropped(place: Office, given: str) -> None:
    assert place.add(given, FOOD) == "食堂.md"


def test_only_folders_that_are_there_can_be_put_into(place: Office) -> None:
    with place.desk.folder.aside() as aside:
        (aside / "file").write_text(FOOD, encoding="utf-8")
        with pytest.raises(DocumentError):
            place.desk.add(ME, aside / "file", "食堂.md", "../..")


def test_a_name_that_differs_in_case_only_is_refused(place: Office) -> None:
    place.add("Menu.md", FOOD)
    with pytest.raises(DocumentError, match="大小写"):
        place.add("MENU.md", FOOD)


def test_nothing_is_overwritten_by_putting_in(place: Office) -> None:
    with pytest.raises(Overtaken, match=r"已经有 租金\.md"):
        place.add("租金.md", FOOD)


def test_what_somebody_else_has_changed_is_not_overwritten(place: Office) -> None:
    seen = place.seen("租金.md")
    place.replace("租金.md", RENT.replace("20", "25"), seen, SHE)
    with pytest.raises(Overtaken, match="小李 已经"):
        place.replace("租金.md", RENT.replace("20", "30"), seen)
    with pytest.raises(Overtaken):
        place.desk.retire(ME, "租金.md", seen)
    assert "25" in place.desk.library.row("租金.md").file.path.read_text(encoding="utf-8")


def test_a_change_that_is_undone_is_none(place: Office) -> None:
    place.replace("租金.md", RENT.replace("20", "25"))
    place.replace("租金.md", RENT)
    assert place.desk.shelf.state().draft == {}
    place.desk.retire(ME, "租金.md", place.seen("租金.md"))
    place.desk.drop(ME, "租金.md")
    assert place.states()["租金.md"] == ("used",)


def test_a_new_name_goes_into_the_curated_files_too(tmp_path: Path) -> None:
    park = "# 我的注释\nname: 园区\ndocuments:\n  租金.md:\n    title: 租金表 # 旁注\n"
    faq = "# 问答\n- questions: [租金多少]\n  document: 租金.md\n  quote: 3号楼的租金是每平方米每月20元。\n"
    place = office(tmp_path, 租金_md=RENT, park_yaml=park, faq_yaml=faq)
    assert place.desk.rename(ME, "租金.md", "3号楼租金", place.seen("租金.md")) == "3号楼租金.md"
    place.publish()
    texts = place.texts()
    assert sorted(texts) == ["3号楼租金.md", "faq.yaml", "park.yaml"]
    assert texts["park.yaml"] == park.replace("  租金.md", "  3号楼租金.md")
    assert "# 问答" in texts["faq.yaml"]
    assert read_faq(place.settings.corpus)[0].document == "3号楼租金.md"
    assert place.live.documents["3号楼租金.md"].title == "租金表"


def test_title_and_dates_go_into_park_yaml(place: Office) -> None:
    desk, name = place.desk, "租金.md"
    seen = seen_particulars(desk.shelf.particulars(), name)
    desk.describe(ME, name, {"title": "新标题", "date": "2024", "valid_until": "2026-12-31", "staff_only": ""}, seen)
    assert desk.shelf.particulars()[name] == {"title": "新标题", "date": "2024", "valid_until": "2026-12-31"}
    assert place.states()[name] == ("changed",)
    with pytest.raises(Overtaken):
        desk.describe(SHE, name, {"title": "别的"}, seen)
    seen = seen_particulars(desk.shelf.particulars(), name)
    with pytest.raises(ParkqaError, match="有效期"):
        desk.describe(ME, name, {"valid_until": "明年"}, seen)
    for none in ("2026-13-45", "2026/2/30", "2026年13月"):
        with pytest.raises(ParkqaError, match=f"没有 {none} 这一天"):
            desk.describe(ME, name, {"date": none}, seen)
    desk.describe(ME, name, {"title": "", "date": "", "valid_until": "", "staff_only": ""}, seen)
    assert desk.shelf.particulars() == {}


def test_staff_only_is_found_at_the_desk_and_nowhere_else(place: Office) -> None:
    name = "租金.md"
    place.desk.describe(ME, name, {"staff_only": "on"}, seen_particulars({}, name))
    place.publish()
    assert list(place.live.documents) == ["班车.md"]
    assert place.states()[name] == ("staff",)
    [row] = place.desk.library.holding(place.desk.library.rows(), "每平方米")
    assert row.file.name == name
    assert row.found is not None
    assert (row.found[0][-3:], *row.found[1:]) == ("租金是", "每平方米", "每月20元。")


def test_a_mistake_in_a_curated_file_names_its_line_and_no_place(place: Office) -> None:
    with pytest.raises(ParkFileError) as caught:
        place.desk.write_text(ME, "park.yaml", "name: 园区\ncolor: red\n", "")
    assert caught.value.line == 2
    assert "parkqa-desk" not in str(caught.value)
    assert str(caught.value).startswith("park.yaml:2：")
    place.desk.write_text(ME, "park.yaml", "name: 园区\n", "")
    with pytest.raises(Overtaken):
        place.desk.write_text(SHE, "park.yaml", "name: 别的\n", "")
    with pytest.raises(ParkqaError):
        place.desk.write_text(ME, "../x.yaml", "name: 园区\n", "")


@pytest.mark.slow
def test_ten_earlier_versions_are_kept_and_brought_back(place: Office) -> None:
    shelf = place.desk.shelf
    for price in range(21, 33):
        place.replace("租金.md", RENT.replace("20", str(price)))
        finish(shelf, publish(shelf, shelf.files().fingerprint, "小王", "", ""))
    versions = place.desk.library.versions("租金.md")
    kept = [shelf.blobs.path(version.sha).read_text(encoding="utf-8") for version in versions]
    assert kept == [RENT.replace("20", str(price)) for price in range(31, 21, -1)]
    place.desk.bring_back(ME, "租金.md", versions[-1].sha, place.seen("租金.md"))
    place.publish()
    assert place.texts()["租金.md"] == kept[-1]
    assert "每月22元" in place.live.documents["租金.md"].text


@pytest.mark.slow
def test_what_was_retired_can_be_brought_back(place: Office) -> None:
    place.desk.retire(ME, "租金.md", place.seen("租金.md"))
    place.publish()
    assert list(place.texts()) == ["班车.md"]
    assert place.desk.library.retired() == ["租金.md"]
    place.desk.bring_back(ME, "租金.md", place.desk.library.versions("租金.md")[0].sha, "")
    place.publish()
    assert place.texts() == {"班车.md": LINE, "租金.md": RENT}


@pytest.mark.slow
def test_an_archive_and_a_mail_are_read_with_what_is_in_them(place: Office) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as made:
        made.writestr("食堂.md", FOOD)
        made.writestr("坏.pdf", b"%PDF-1.4 nothing")
    place.add("食堂.zip", package.getvalue())
    reading = place.desk.library.row("食堂.zip").reading
    assert reading
    assert (reading.title, reading.passages, reading.error) == ("食堂.zip", 1, None)
    assert any("坏.pdf" in zh for zh, _ in reading.notes)
    mail = "Subject: notice\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n食堂中午11点开饭。\r\n"
    place.add("通知.eml", mail.encode())
    reading = place.desk.library.row("通知.eml").reading
    assert reading
    assert (reading.title, reading.passages) == ("notice", 1)
