"""A back-up is one file with all that cannot be built again; restoring it is all or nothing."""

from __future__ import annotations

import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from command_line import run
from desks import LINE, ME, RENT, SHE, Office, hashed, office, record, reopened
from engines import set_environment
from parkqa.desk import audit, restoring, sealing, unpacking
from parkqa.desk.sealing import Damaged, Locked
from parkqa.errors import ParkqaError
from parkqa.journal import messages
from parkqa.journal.entries import read

FOOD = "# 食堂\n\n食堂中午11点开饭。\n"
RISEN = RENT.replace("20", "25")
PASSPHRASE = "备份用的一句很长的话"
BACKED_UP = {"park.yaml": "name: 苏城园\n", "班车.md": LINE, "租金.md": RISEN}


COST = sealing._COST
KEPT = ("corpus", "index", "desk", "journal.db", "journal.db-wal", "messages.db")
LEFT = [
    messages.Message(digit * 32, "2026-05-01T08:00:00.000+00:00", "zh", "chat", "能租半层吗？", "", "13912345678")
    for digit in "ab"
]


@pytest.fixture(scope="module", autouse=True)
def _cheap() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "_COST", 16)
        yield


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A park with a curated file, versions, a draft, a journal, names, a trail and a question set, and its back-ups."""
    folder = tmp_path_factory.mktemp("template")
    place = office(folder / "park", 租金_md=RISEN, 班车_md=LINE)
    (place.settings.corpus / "park.yaml").write_text(BACKED_UP["park.yaml"], encoding="utf-8")
    place.add("食堂.md", FOOD)
    place.replace("租金.md", RENT)
    place.desk.shelf.blobs.put(b"of nothing")
    state = place.desk.shelf.state()
    record(place.folder, ("哪里打羽毛球", "refusal"), ("班车几点发车？", "answer"), disliked="不对")
    place.desk.folder.accounts.write_text(json.dumps({ME[0]: hashed()}), encoding="utf-8")
    place.desk.folder.questions.mkdir()
    (place.desk.folder.questions / "题.jsonl").write_text('{"question": "租金是多少？"}\n', encoding="utf-8")
    assert len(state.draft) == 2
    for message in LEFT:
        messages.leave(place.settings.messages_file, message)
    place.desk.back_up(ME, folder / "plain.zip", "")
    place.desk.back_up(ME, folder / "sealed", PASSPHRASE)
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Office:
    """Another park, on which the back-up is put."""
    return office(tmp_path, 食堂_md=FOOD, 租金_md=RENT)


def everything(place: Office) -> dict[str, bytes]:
    """All that is on the disk and not only left behind, but for contents that nothing names."""
    folder = place.desk.folder
    needed = place.desk.shelf.state().blobs
    return {
        path.relative_to(place.folder).as_posix(): path.read_bytes()
        for path in sorted(place.folder.rglob("*"))
        if path.is_file()
        and path.relative_to(place.folder).parts[0] in KEPT
        and folder.incoming not in path.parents
        and not (path.parent == folder.blobs and path.name not in needed)
        and path.name != "lock"
    }


def restore(place: Office, file: Path, passphrase: str = "", where: restoring.Where = "draft") -> restoring.Restored:
    return place.desk.restorer.restore(file, passphrase, ME, file.name, where)


def drafted(place: Office) -> dict[str, str | None]:
    shelf = place.desk.shelf
    return {
        name: change.new and shelf.blobs.path(change.new).read_text(encoding="utf-8")
        for name, change in shelf.state().draft.items()
    }


def test_it_holds_all_that_cannot_be_built_again_and_nothing_else(template: Path) -> None:
    with zipfile.ZipFile(template / "plain.zip") as archive:
        held = {name for name in archive.namelist() if not name.startswith("desk/blobs/")}
        contents = {archive.read(name) for name in archive.namelist() if name.startswith("desk/blobs/")}
    assert held == {
        "corpus/park.yaml",
        "corpus/班车.md",
        "corpus/租金.md",
        "desk/accounts.json",
        "desk/audit.jsonl",
        "desk/questions/题.jsonl",
        "desk/state.json",
        "journal.db",
        "manifest.json",
        "messages.db",
    }
    assert contents == {FOOD.encode(), RENT.encode()}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes of files")
@pytest.mark.parametrize("name", ["plain.zip", "sealed"])
def test_it_is_for_its_owner_only_and_nothing_is_left_beside_it(template: Path, name: str) -> None:
    assert stat.S_IMODE((template / name).stat().st_mode) == 0o600
    assert {path.name for path in template.iterdir()} == {"park", "plain.zip", "sealed"}
    assert [*(template / "park" / "desk" / "incoming").iterdir()] == []


def test_sealed_nothing_of_it_can_be_read(template: Path) -> None:
    sealed = (template / "sealed").read_bytes()
    for word in (*BACKED_UP, RENT, "corpus", "PK\x03\x04", "羽毛球"):
        assert word.encode() not in sealed


def test_at_the_desk_the_documents_become_a_draft(place: Office, template: Path) -> None:
    (place.desk.folder.root).mkdir(exist_ok=True)
    record(place.folder, ("食堂几点开饭？", "answer"))
    record(place.folder)  # its last entry has the id of the first of the back-up
    texts = place.texts()
    done = restore(place, template / "sealed", PASSPHRASE)
    assert set(done.changed) == {"park.yaml", "班车.md", "租金.md", "食堂.md"}
    assert place.texts() == texts
    assert drafted(place) == {**BACKED_UP, "食堂.md": None}
    assert done.journal and (done.journal.new, done.journal.judged) == (1, 1)
    assert not place.desk.folder.accounts.exists(), "a back-up lets nobody in"
    assert (place.desk.folder.questions / "题.jsonl").exists()
    assert messages.read(place.settings.messages_file) == LEFT
    assert [deed.what for deed in audit.latest(place.desk.folder.audit)] == ["restore"]
    place.publish()
    assert place.texts() == BACKED_UP
    assert set(place.live.documents) == {"班车.md", "租金.md"}
    place.desk.take_back(ME)
    place.desk.candidate.work.wait(60)
    assert place.texts() == texts


def test_what_a_visitor_had_deleted_does_not_come_back(place: Office, template: Path) -> None:
    file = place.settings.messages_file
    messages.leave(file, LEFT[0])
    messages.delete(file, LEFT[0].number, datetime(2026, 5, 2, tzinfo=UTC))
    restore(place, template / "plain.zip")
    assert messages.read(file) == LEFT[1:]


def test_it_says_until_when_it_holds_messages(
    place: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert place.desk.back_up(ME, tmp_path / "none", "").messages_until == ""
    messages.leave(place.settings.messages_file, LEFT[0])
    set_environment(monkeypatch, place.settings)
    monkeypatch.setenv("PARKQA_DESK", str(place.settings.desk))
    monkeypatch.setenv("PARKQA_JOURNAL", str(place.settings.journal))
    assert run("backup", str(tmp_path / "some")) == 0
    assert "2026-10-28" in capsys.readouterr().err  # 180 days after it was left
    with zipfile.ZipFile(tmp_path / "some") as archive:
        assert json.loads(archive.read("manifest.json"))["messages_until"] == "2026-10-28"


def test_earlier_versions_come_back_beside_those_that_are_here(place: Office, tmp_path: Path) -> None:
    place.replace("租金.md", RISEN)
    place.publish()
    place.desk.back_up(ME, tmp_path / "a", "")
    other = office(tmp_path / "other", 租金_md=RENT, 班车_md=LINE)
    other.replace("租金.md", RENT + "\n另收押金。\n")
    other.publish()
    ours = {version.sha for version in other.desk.library.versions("租金.md")}
    theirs = {version.sha for version in place.desk.library.versions("租金.md")}
    restore(other, tmp_path / "a")
    assert {version.sha for version in other.desk.library.versions("租金.md")} == ours | theirs
    other.desk.discard(ME)
    other.desk.bring_back(ME, "租金.md", theirs.pop(), other.seen("租金.md"))


def test_by_command_all_of_it_is_as_it_was(place: Office, template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, place.settings)
    monkeypatch.setenv("PARKQA_DESK", str(place.settings.desk))
    monkeypatch.setenv("PARKQA_JOURNAL", str(place.settings.journal))
    assert run("restore", str(template / "plain.zip")) == 0
    assert place.texts() == BACKED_UP
    before = reopened(template / "park")
    shutil.copytree(template / "park", place.folder / "copy")
    assert drafted(place) == drafted(before)
    assert place.desk.accounts.names() == [ME[0]]
    assert read(place.folder / "journal.db") == read(template / "park" / "journal.db")
    deeds = [deed.what for deed in audit.latest(place.desk.folder.audit)]
    assert deeds[0] == "restore" and "add" in deeds
    kept = {path.read_bytes() for path in place.desk.folder.blobs.iterdir()}
    assert FOOD.encode() in kept, "what it replaced is gone"
    assert run("backup", str(place.folder / "again")) == 0
    with zipfile.ZipFile(place.folder / "again") as again, zipfile.ZipFile(template / "plain.zip") as first:
        names = ("corpus/", "desk/accounts", "desk/questions")
        told = [{n: each.read(n) for n in each.namelist() if n.startswith(names)} for each in (again, first)]
        assert told[0] == told[1]


def test_by_command_names_that_are_here_stay(place: Office, template: Path) -> None:
    place.desk.folder.root.mkdir()
    place.desk.folder.accounts.write_text(json.dumps({SHE[0]: hashed()}), encoding="utf-8")
    restore(place, template / "plain.zip", where="corpus")
    assert place.desk.accounts.names() == [SHE[0]]


def test_the_passphrase_is_asked_for(
    place: Office, template: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_environment(monkeypatch, place.settings)
    monkeypatch.setenv("PARKQA_DESK", str(place.settings.desk))
    monkeypatch.setenv("PARKQA_JOURNAL", "none")
    monkeypatch.setattr("parkqa.cli.backup.typed", lambda *_, **__: "eine ganz andere")
    assert run("restore", str(template / "sealed")) == 2
    assert "密码不对，什么也没有改" in capsys.readouterr().err
    monkeypatch.setattr("parkqa.cli.backup.typed", lambda *_, **__: PASSPHRASE)
    assert run("restore", str(template / "sealed")) == 0
    assert place.texts() == BACKED_UP
    monkeypatch.setattr("parkqa.cli.backup.typed", lambda *_, **__: "kurz")
    assert run("backup", "--passphrase", str(place.folder / "b")) == 2
    assert run("restore", str(place.folder / "b")) == 2
    assert run("backup", str(place.folder / "b")) == 0
    assert run("backup", str(place.folder / "b")) == 2
    assert "已经存在" in capsys.readouterr().err


def altered(file: Path, target: Path, change: Callable[[dict[str, Any]], object], manifest: bool = True) -> Path:
    """A back-up whose entries were changed, with a manifest that agrees: ``change`` gets (info, content) by name."""
    with zipfile.ZipFile(file) as archive:
        held = {info.filename: (info, archive.read(info)) for info in archive.infolist()}
    change(held)
    if manifest:
        told = json.loads(held["manifest.json"][1])
        told["sha256"] = {
            name: unpacking.hashlib.sha256(content).hexdigest()
            for name, (_, content) in held.items()
            if name != "manifest.json"
        }
        held["manifest.json"] = (held["manifest.json"][0], json.dumps(told).encode())
    with zipfile.ZipFile(target, "w") as archive:
        for name, (info, content) in held.items():
            info.filename = name
            archive.writestr(info, content, info.compress_type)
    return target


def _info(name: str, kind: int = stat.S_IFREG, compress: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr, made.compress_type = (kind | 0o600) << 16, compress
    return made


def _put(name: str, content: bytes, **kind: int) -> Callable[[dict[str, Any]], object]:
    return lambda held: held.update({name: (_info(name, **kind), content)})


def _state(**change: object) -> Callable[[dict[str, Any]], object]:
    def put(held: dict[str, Any]) -> None:
        state = json.loads(held["desk/state.json"][1])
        held["desk/state.json"] = (held["desk/state.json"][0], json.dumps(state | change).encode())

    return put


SHA = "a" * 64
BEGUN = {"id": "", "who": "", "at": "", "changes": {}, "before": "", "after": "", "state": "begun"}
HOSTILE: dict[str, Callable[[dict[str, Any]], object]] = {
    "above": _put("corpus/../../x.md", b"x"),
    "above everything": _put("../x.md", b"x"),
    "absolute": _put("/tmp/x.md", b"x"),
    "absolute below": _put("corpus//tmp/x.md", b"x"),
    "a drive": _put("corpus/C:/x.md", b"x"),
    "backslashes": _put("corpus/..\\..\\x.md", b"x"),
    "hidden": _put("corpus/.bashrc", b"x"),
    "a line break": _put("corpus/a\nb.md", b"x"),
    "a link": _put("corpus/x.md", b"/etc/passwd", kind=stat.S_IFLNK),
    "a pipe": _put("corpus/x.md", b"", kind=stat.S_IFIFO),
    "a folder": _put("corpus/x/", b"", kind=stat.S_IFDIR),
    "a bomb": _put("corpus/x.md", b"0" * 10_000_000, compress=zipfile.ZIP_DEFLATED),
    "two of one name on Windows": _put("corpus/PARK.yaml", b"x"),
    "a file that is a folder too": _put("corpus/班车.md/x.md", b"x"),
    "the key of the cookies": _put("desk/secret", b"x"),
    "a question set above": _put("desk/questions/../accounts.json", b"{}"),
    "unknown": _put("x", b"x"),
    "a blob of another content": _put(f"desk/blobs/{SHA}", b"x"),
    "no state": lambda held: held.pop("desk/state.json"),
    "no manifest": lambda held: held.pop("manifest.json"),
    "a manifest without a time": lambda held: held.update(
        {"manifest.json": (_info("manifest.json"), held["manifest.json"][1].replace(b'"made"', b'"made": "x", "was"'))}
    ),
    "a journal that is none": _put("journal.db", b"x" * 5000),
    "messages that are none": _put("messages.db", b"x" * 5000),
    "passwords that are none": _put("desk/accounts.json", b'{"x": "scrypt$99999999$8$3$00$00"}'),
    "a costly password": _put("desk/accounts.json", json.dumps({"x": f"scrypt$65536$8$3${SHA[:32]}${SHA}"}).encode()),
    "a trail without times": _put("desk/audit.jsonl", b'{"at": "x", "who": "", "source": "", "what": ""}\n'),
    "a version without a content": _state(versions={"a.md": [{"sha": SHA, "who": "", "at": "2026-05-01T00:00:00Z"}]}),
    "a version elsewhere": _state(versions={"../a.md": []}),
    "a version without a time": _state(versions={"a.md": [{"sha": "", "who": "", "at": "x"}]}),
    "a publication": _state(publications=[BEGUN]),
}


@pytest.mark.parametrize("where", ["draft", "corpus"])
@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_one_changes_nothing(
    place: Office, template: Path, tmp_path: Path, how: str, where: restoring.Where
) -> None:
    if "manifest" in how or how == "no state":
        file = altered(template / "plain.zip", tmp_path / "bad", HOSTILE[how], manifest=False)
    else:
        file = altered(template / "plain.zip", tmp_path / "bad", HOSTILE[how])
    before = everything(place)
    with pytest.raises(Damaged, match="什么也没有改"):
        restore(place, file, where=where)
    assert everything(place) == before
    assert [*place.desk.folder.incoming.iterdir()] == []


def test_at_the_desk_none_opens_the_network_to_be_fetched_from(place: Office, template: Path, tmp_path: Path) -> None:
    text = b"- address: http://192.168.0.1\n  private: true\n"
    file = altered(template / "plain.zip", tmp_path / "bad", _put("corpus/sites.yaml", text))
    before = everything(place)
    with pytest.raises(ParkqaError, match="private: true"):
        restore(place, file)
    assert everything(place) == before
    assert "sites.yaml" in restore(place, file, where="corpus").changed
    seen = [each.sha for each in place.desk.shelf.files().present.values() if each.name == "sites.yaml"]
    place.desk.write_text(ME, "sites.yaml", "- address: https://a.example\n", *seen)
    place.publish()
    seen = [each.sha for each in place.desk.shelf.files().present.values() if each.name == "sites.yaml"]
    (old,) = place.desk.library.versions("sites.yaml")
    with pytest.raises(ParkqaError, match="private: true"):
        place.desk.bring_back(ME, "sites.yaml", old.sha, *seen)


def test_what_is_not_hostile_is_taken(place: Office, template: Path, tmp_path: Path) -> None:
    file = altered(template / "plain.zip", tmp_path / "good", _put("corpus/新/车位.md", "# 车位\n\n有。\n".encode()))
    assert "新/车位.md" in restore(place, file).changed


@pytest.mark.parametrize("name", ["plain.zip", "sealed"])
@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.999])
def test_a_torn_one_changes_nothing(place: Office, template: Path, tmp_path: Path, name: str, part: float) -> None:
    whole = (template / name).read_bytes()
    (tmp_path / "torn").write_bytes(whole[: int(len(whole) * part)])
    before = everything(place)
    with pytest.raises(Damaged):
        restore(place, tmp_path / "torn", PASSPHRASE)
    assert everything(place) == before


@pytest.mark.parametrize("name", ["plain.zip", "sealed"])
def test_every_altered_byte_is_seen(place: Office, template: Path, tmp_path: Path, name: str) -> None:
    whole = (template / name).read_bytes()
    before = everything(place)
    for at in range(30, len(whole), len(whole) // 12):
        (tmp_path / "bad").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            restore(place, tmp_path / "bad", PASSPHRASE)
        except (Damaged, Locked):
            assert everything(place) == before
        else:  # a byte of the archive that says nothing, such as a time
            assert name == "plain.zip" and drafted(place) == {**BACKED_UP, "食堂.md": None}
            place.desk.discard(ME)
            before = everything(place)


@pytest.mark.parametrize("passphrase", ["", "eine ganz andere"])
def test_without_the_passphrase_nothing_changes(place: Office, template: Path, passphrase: str) -> None:
    before = everything(place)
    with pytest.raises(Locked):
        restore(place, template / "sealed", passphrase)
    assert everything(place) == before


def test_a_later_format_is_named(place: Office, template: Path, tmp_path: Path) -> None:
    def later(held: dict[str, Any]) -> None:
        told = json.loads(held["manifest.json"][1]) | {"format": 2, "version": "9.0"}
        held["manifest.json"] = (held["manifest.json"][0], json.dumps(told).encode())

    with pytest.raises(ParkqaError, match=r"更新的 parkqa（9\.0）"):
        restore(place, altered(template / "plain.zip", tmp_path / "later", later))


def test_a_huge_list_of_files_is_not_read(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_DIRECTORY_BYTES", 100)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(Damaged):
        restore(office(tmp_path), template / "plain.zip")


def test_an_open_draft_is_not_overwritten(place: Office, template: Path) -> None:
    place.add("车位.md", "# 车位\n\n有。\n")
    before = everything(place)
    for where in ("draft", "corpus"):
        with pytest.raises(ParkqaError, match="请先发布或放弃"):
            restore(place, template / "plain.zip", where=where)  # type: ignore[arg-type]
    assert everything(place) == before


def test_a_folder_in_the_way_is_named(place: Office, template: Path) -> None:
    (place.settings.corpus / "班车.md").mkdir()
    with pytest.raises(ParkqaError, match="一个是文件、一个是文件夹"):
        restore(place, template / "plain.zip")


@pytest.mark.parametrize("where", ["draft", "corpus"])
def test_a_full_disk_is_said_before_anything_changes(
    place: Office, template: Path, where: restoring.Where, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(place)
    full = shutil.disk_usage("/")._replace(free=restoring.MARGIN)
    monkeypatch.setattr(restoring.shutil, "disk_usage", lambda _: full)
    with pytest.raises(ParkqaError, match="No space left"):
        restore(place, template / "plain.zip", where=where)
    assert everything(place) == before
    assert not place.desk.folder.restoring.exists()


def test_a_journal_that_cannot_be_written_changes_nothing(place: Office, template: Path) -> None:
    (place.folder / "journal.db").mkdir()
    before = everything(place)
    with pytest.raises(ParkqaError, match="写不了"):
        restore(place, template / "plain.zip")
    assert everything(place) == before
    assert not place.desk.folder.restoring.exists()


def test_what_a_fault_has_broken_off_is_carried_on(
    place: Office, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("parkqa.desk.publishing._replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space")))
        with pytest.raises(ParkqaError, match="No space"):
            restore(place, template / "plain.zip", where="corpus")
    place = reopened(place.folder)
    place.desk.recover()
    assert place.texts() == BACKED_UP
    assert not place.desk.folder.restoring.exists()


def test_names_that_cannot_be_everywhere_are_left_out_and_left_alone(place: Office, tmp_path: Path) -> None:
    odd = place.settings.corpus / 'a"b.md'
    odd.write_text(FOOD, encoding="utf-8")
    (place.settings.corpus / "x.md").symlink_to("nowhere.md")
    made = place.desk.back_up(ME, tmp_path / "b", "")
    assert [each.zh.split("：")[0] for each in made.left_out] == ['a"b.md', "x.md"]
    restore(place, tmp_path / "b", where="corpus")
    assert odd.exists()


def test_nothing_is_backed_up_while_something_is_published(place: Office, tmp_path: Path) -> None:
    place.add("车位.md", "# 车位\n\n有。\n")
    place.publish()
    state = json.loads(place.desk.folder.state.read_bytes())
    state["publications"][0]["state"] = "begun"
    place.desk.folder.state.write_text(json.dumps(state))
    with pytest.raises(ParkqaError, match="正在发布"):
        place.desk.back_up(ME, tmp_path / "b", "")
    assert not (tmp_path / "b").exists()


def test_a_content_that_is_gone_is_named_and_nothing_is_written(place: Office, tmp_path: Path) -> None:
    place.add("车位.md", "# 车位\n\n有。\n")
    next(place.desk.folder.blobs.iterdir()).unlink()
    with pytest.raises(ParkqaError, match=r"desk/blobs/\w+ 读不了"):
        place.desk.back_up(ME, tmp_path / "b", "")
    assert {path.name for path in tmp_path.iterdir()} == {"corpus", "index", "desk"}


def test_where_nothing_can_be_written_nothing_changes(
    place: Office, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(place)
    monkeypatch.setattr(os, "access", lambda path, _: path != place.settings.corpus)
    with pytest.raises(ParkqaError, match="Permission denied"):
        restore(place, template / "plain.zip", where="corpus")
    assert everything(place) == before


def test_sealing_takes_the_memory_that_passwords_take() -> None:
    assert (COST, sealing._BLOCK, sealing._PARALLEL) == (2**15, 8, 3)
