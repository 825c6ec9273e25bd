"""The checks of ``parkqa check`` at the desk: the same findings and cures, beside the server, once at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desks import ME, Office, office
from parkqa.desk import checking
from parkqa.desk.background import Background
from parkqa.desk.checking import HERE, beside
from parkqa.desk.comparison import Stopped
from parkqa.desk.readiness import CHECKS, NOTHING, Said, examine
from parkqa.errors import ParkqaError
from waiting import PATIENCE


@pytest.fixture
def place(tmp_path: Path) -> Office:
    return office(tmp_path)


def test_what_is_said_is_said_in_one_language_or_both() -> None:
    assert str(Said("：5 份", "5 documents", "corpus")) == "corpus：5 份 / 5 documents"
    assert Said("：5 份", "5 documents", "corpus").pair == ("corpus：5 份", "corpus 5 documents")
    assert str(Said("没有索引。", "There is no index.")) == "没有索引。\n    There is no index."
    assert str(Said(of="3.12")) == "3.12"
    assert NOTHING.pair == ("", "")


@pytest.mark.slow
def test_the_desk_finds_what_the_command_finds(place: Office) -> None:
    (place.settings.corpus / "坏.pdf").write_bytes(b"%PDF-1.4 nothing")
    place.desk.examine(ME)
    place.desk.checking.work.wait(120)
    assert place.desk.checking.work.fault is None
    checked = place.desk.checking.checked
    assert checked is not None
    assert checked.who == ME[0]
    found = {each.name.en: each for each in checked.findings}
    assert list(found) == [check.name.en for check in CHECKS]
    for each in examine(place.settings, (*HERE, "disk")):  # the room on the disk may change in between
        assert found[each.name.en] == each
    corpus = found["corpus"]
    assert not corpus.ok
    assert "坏.pdf" in corpus.detail.zh
    assert "PARKQA_CORPUS" in corpus.cure.zh
    assert found["model"].ok
    assert place.live.encoder.fingerprint[:12] in found["model"].detail.zh
    assert found["port"].ok


def test_it_checks_once_at_a_time_and_says_what_went_wrong(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def slow(*_: object) -> list[object]:
        go.wait(PATIENCE)
        raise ParkqaError("进程没了。", "The process is gone.")

    monkeypatch.setattr(checking, "beside", slow)
    place.desk.examine(ME)
    with pytest.raises(ParkqaError, match=f"{ME[0]} 已经开始了"):
        place.desk.examine(ME)
    go.set()
    place.desk.checking.work.wait(PATIENCE)
    assert place.desk.checking.work.fault == ("进程没了。", "The process is gone.")
    assert place.desk.checking.checked is None


@pytest.mark.slow
def test_a_server_that_stops_breaks_the_check_off(place: Office) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        beside(place.settings, stop)


def test_work_that_fails_is_said_and_the_next_can_begin() -> None:
    def broken() -> None:
        work.tell("a")
        raise ValueError("b")

    work = Background("parkqa-test")
    work.start("小王", broken)
    work.wait(PATIENCE)
    assert (work.who, work.at, work.done) == ("", "a", 1)
    assert work.fault is not None
    assert "日志" in work.fault[0]
    work.start("小王", lambda: None)
    work.wait(PATIENCE)
    assert work.fault is None
    work.stop()
    work.start("小王", lambda: work.tell("a"))
    work.wait(PATIENCE)
    assert work.fault == ("没有做完，已停下。", "It was broken off.")


@pytest.mark.parametrize("part", ["candidate", "sites", "checking", "library"])
def test_the_desk_tells_whether_anything_is_going_on(place: Office, part: str) -> None:
    work, end = getattr(place.desk, part).work, threading.Event()
    assert not place.desk.is_working()
    work.start("小王", lambda: end.wait(PATIENCE))
    assert place.desk.is_working()
    end.set()
    work.wait(PATIENCE)
    assert not place.desk.is_working()
