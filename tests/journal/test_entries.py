"""The journal: what is written comes back, masked; merging loses and doubles nothing; no answer waits for it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkqa.errors import JournalError
from parkqa.journal import entries as journal
from parkqa.journal import recorder
from parkqa.journal.entries import Cited, Entry, read
from parkqa.journal.merging import merge, merged
from parkqa.journal.recorder import Recorder, open_recorder
from parkqa.settings import load_settings
from parkqa.types import Answer, AnswerKind, Quote
from paths import ROOT, TESTS
from waiting import PATIENCE, until

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
CITED = st.builds(Cited, TEXT, st.integers(0, 99), st.integers(0, 99), TEXT, TEXT)
ENTRIES = st.builds(
    Entry,
    id=st.uuids(version=4).map(lambda made: made.hex),
    at=st.integers(0, 999).map(lambda minutes: journal.stamp(NOON + timedelta(minutes=minutes))),
    conversation=TEXT,
    mode=st.sampled_from(journal.MODES),
    language=st.sampled_from(["zh", "en"]),
    question=TEXT,
    understood=TEXT,
    kind=st.sampled_from(["answer", "refusal", "smalltalk"]),
    confidence=st.floats(0, 1),
    ms=st.floats(0, 1e6),
    quotes=st.lists(CITED, max_size=2).map(tuple),
    related=st.lists(CITED, max_size=2).map(tuple),
)


@st.composite
def judged(draw: st.DrawFn, made: Entry) -> Entry:
    """The same entry, or the same after its visitor has spoken."""
    minutes = draw(st.none() | st.integers(0, 9))
    if minutes is None:
        return made
    at = journal.stamp(NOON + timedelta(days=1, minutes=minutes))
    return replace(made, liked=draw(st.booleans()), reason=draw(TEXT), judged_at=at)


@st.composite
def laptops(draw: st.DrawFn) -> list[list[Entry]]:
    """The journals of a fair: each holds some of the entries, in states of their own."""
    entries = draw(st.lists(ENTRIES, max_size=8, unique_by=lambda made: made.id))
    return [[draw(judged(made)) for made in entries if draw(st.booleans())] for _ in range(draw(st.integers(1, 3)))]


def answer(question: str = "码头多长？", kind: AnswerKind = "answer", id_: str = "a1") -> Answer:
    quote = Quote("码头长300米。", "介绍.md", "介绍", 7, 15, "f" * 64, "港口", None, 1.0, ((7, 15),))
    sure = kind == "answer"
    return Answer(
        None, id_, question, question, (), kind, "", 0.75, (quote,) if sure else (), () if sure else (quote,), (), 12.5
    )


def write(path: Path, entries: list[Entry]) -> Path:
    with closing(journal.connect(path)) as connection:
        journal.write(connection, entries)
    return path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "journal.db"


@pytest.mark.parametrize(
    ("written", "kept"),
    [("\x1b[2J\x9b31m问\x00题\x7f", "[2J31m问题"), ("一\n二\t三\r", "一\n二\t三"), ("\ud800", "?")],
)
def test_what_visitors_write_is_kept_without_what_a_terminal_would_obey(written: str, kept: str) -> None:
    assert journal.clean(written) == kept


@settings(max_examples=30)
@given(st.lists(ENTRIES, max_size=5, unique_by=lambda made: made.id))
def test_what_is_written_comes_back_oldest_first(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]
) -> None:
    path = write(tmp_path_factory.mktemp("journal") / "a.db", entries)
    assert read(path) == sorted(entries, key=lambda made: (made.at, made.id))


@pytest.mark.slow
@given(laptops())
def test_merging_loses_and_doubles_nothing(journals: list[list[Entry]]) -> None:
    whole = merged(journals)
    assert [made.id for made in whole] == [made.id for made in merged([whole])]
    assert {made.id for made in whole} == {made.id for held in journals for made in held}
    assert len({made.id for made in whole}) == len(whole)
    for made in whole:
        states = [held for journal_ in journals for held in journal_ if held.id == made.id]
        assert made in states
        assert made.judged_at == max(state.judged_at for state in states)


@pytest.mark.slow
@given(laptops())
def test_the_order_of_merging_does_not_matter(journals: list[list[Entry]]) -> None:
    whole = merged(journals)
    assert merged(reversed(journals)) == whole
    assert merged([whole, *journals]) == whole
    assert merged([merged(journals[:1]), merged(journals[1:])]) == whole


@pytest.mark.slow
@settings(max_examples=30)
@given(laptops())
def test_files_merge_as_their_entries_do(tmp_path_factory: pytest.TempPathFactory, journals: list[list[Entry]]) -> None:
    folder = tmp_path_factory.mktemp("merge")
    paths = [write(folder / f"{number}.db", held) for number, held in enumerate(journals)]
    kept, doubled = merge(paths, folder / "all.db")
    assert read(folder / "all.db") == merged(journals)
    assert kept + doubled == sum(map(len, journals))
    assert {path.name for path in folder.iterdir()} == {path.name for path in paths} | {"all.db"}


def test_merging_overwrites_nothing_and_names_what_cannot_be_read(tmp_path: Path) -> None:
    first = write(tmp_path / "a.db", [])
    with pytest.raises(JournalError, match="already there"):
        merge([first], first)
    wrong = tmp_path / "b.db"
    wrong.write_bytes(b"no journal at all" * 100)
    for bad in (wrong, tmp_path / "gone.db"):
        with pytest.raises(JournalError, match=bad.name):
            merge([first, bad], tmp_path / "c.db")
    assert not (tmp_path / "c.db").exists()


def test_a_journal_of_another_version_is_left_alone(place: Path) -> None:
    write(place, [])
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA user_version = 99")
    for use in (read, journal.connect):
        with pytest.raises(JournalError, match="this version"):
            use(place)


def test_only_the_time_asked_for_is_read(place: Path) -> None:
    made = journal.entry(answer(), "chat", "", NOON)
    write(place, [made])
    assert read(place, NOON, NOON + timedelta(seconds=1)) == [made]
    assert read(place, NOON + timedelta(seconds=1)) == read(place, None, NOON) == []


def test_an_answer_is_recorded_with_its_quotes(place: Path) -> None:
    book = Recorder(place, 90)
    book.start()
    book.record(answer(), "event", "visit-1")
    book.record(answer("Hotel?", "refusal", "a2"), "event", "visit-1")
    book.record(answer(id_="a3"), "widget", "visit-2")
    book.close()
    first, second, third = sorted(read(place), key=lambda made: made.id)
    assert first.quotes == second.related == (Cited("介绍.md", 7, 15, "f" * 64, "码头长300米。"),)
    assert (first.mode, first.language, first.kind, first.confidence, first.ms) == ("event", "zh", "answer", 0.75, 12.5)
    assert (second.language, second.kind, second.quotes) == ("en", "refusal", ())
    assert first.conversation == second.conversation != third.conversation
    assert "visit" not in first.conversation
    assert (first.liked, first.reason, first.judged_at) == (None, "", "")
    assert book.fault is None


def test_the_same_name_is_another_conversation_in_another_process(tmp_path: Path) -> None:
    for number in (1, 2):
        book = Recorder(tmp_path / f"{number}.db", 90)
        book.start()
        book.record(answer(), "chat", "13812345678")
        book.close()
    (first,), (second,) = read(tmp_path / "1.db"), read(tmp_path / "2.db")
    assert first.conversation != second.conversation


def test_questions_and_reasons_are_masked_in_the_very_file(place: Path) -> None:
    book = Recorder(place, 90)
    book.start()
    book.record(answer("请打13812345678，或写wang@park.cn"), "chat")
    book.judge("a1", False, "请回电 138 1234 5678\ud800")
    book.judge("nobody's", True)
    book.close()
    (made,) = read(place)
    assert made.question == made.understood == "请打〔电话〕，或写〔邮箱〕"
    assert (made.liked, made.reason) == (False, "请回电 〔电话〕?")
    written = b"".join(path.read_bytes() for path in place.parent.iterdir())
    assert b"13812345678" not in written and b"5678" not in written and b"wang@" not in written


def test_it_is_for_the_eyes_of_its_owner(place: Path) -> None:
    write(place, [])
    assert place.stat().st_mode & 0o077 == 0


def test_the_file_alone_holds_what_was_recorded_while_it_is_still_open(place: Path, tmp_path: Path) -> None:
    book = Recorder(place, 90)
    book.start()
    for number in range(5):
        book.record(answer(id_=f"a{number}"), "chat")
    copy = tmp_path / "copy.db"

    def copied() -> bool:
        """Nobody reads the journal itself: whoever does keeps what is written meanwhile out of the file."""
        copy.write_bytes(place.read_bytes() if place.exists() else b"")
        try:
            return len(read(copy)) == 5
        except JournalError:
            return False

    until(copied)
    book.close()


def test_what_is_old_is_dropped(place: Path) -> None:
    now = datetime.now(UTC)
    days = {"old": 91, "new": 89}
    write(place, [journal.entry(answer(id_=name), "chat", "", now - timedelta(days=n)) for name, n in days.items()])
    book = Recorder(place, 90)
    book.start()
    book.close()
    assert [made.id for made in read(place)] == ["new"]


def recorded(place: Path, ago: dict[str, float]) -> Recorder:
    """A journal with entries of so many days ago, and what a recorder makes of it at its start."""
    now = datetime.now(UTC)
    write(place, [journal.entry(answer(id_=name), "chat", "", now - timedelta(days=n)) for name, n in ago.items()])
    book = Recorder(place, 90)
    book.start()
    book.close()
    return book


def test_a_clock_that_is_years_ahead_deletes_nothing(place: Path) -> None:
    book = recorded(place, {"a": 3660, "b": 3650})
    assert [made.id for made in read(place)] == ["a", "b"]
    assert "时钟" in book.complaints and "the clock may be wrong" in book.complaints


def test_nor_does_it_once_questions_were_recorded_under_that_clock(place: Path) -> None:
    recorded(place, {"a": 3650, "b": 3649, "c": 0})
    book = recorded(place, {"d": 0})
    assert {made.id for made in read(place)} == {"a", "b", "c", "d"}
    assert book.complaints


def test_when_the_clock_is_right_again_what_is_old_goes(place: Path) -> None:
    """What was recorded ten years ahead lies in the future then."""
    book = recorded(place, {"old": 100, "before": 80, "future": -3650})
    assert [made.id for made in read(place)] == ["before", "future"]
    assert book.complaints == ""


def test_a_fair_once_a_year_is_no_sign_of_a_wrong_clock(place: Path) -> None:
    book = recorded(place, {"a": 366, "b": 365, "c": 0})
    assert [made.id for made in read(place)] == ["c"]
    assert book.complaints == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows lets nobody delete a file that is open")
@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
def test_a_journal_that_is_taken_away_is_opened_anew_and_it_is_said(
    place: Path, tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    other = write(tmp_path / "other.db", [journal.entry(answer(id_="other"), "chat", "", NOON)])
    book = Recorder(place, 36500)
    book.start()
    for number in range(20):
        book.record(answer(id_=f"before {number}"), "chat")
    until(lambda: place.exists() and len(read(place)) == 20)
    if how == "deleted":
        place.unlink()
    elif how == "moved":
        place.rename(tmp_path / "moved.db")
    else:
        place.rename(tmp_path / "moved.db")
        other.rename(place)
    book.record(answer(id_="after"), "chat")
    # Not read before: whoever opens a file beside another one's -wal takes that for a part of it.
    until(lambda: "重新打开" in book.complaints)
    until(lambda: place.exists() and "after" in [made.id for made in read(place)])
    assert [made.id for made in read(place)] == (["other", "after"] if how == "replaced" else ["after"])
    if how != "deleted":
        assert len(read(tmp_path / "moved.db")) == 20
    assert "opened anew" in book.complaints
    assert str(place) not in book.complaints and str(place) in caplog.text
    book.close()
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_journal_that_cannot_be_written_is_said_and_caught_up_with(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "RETRY_SECONDS", 0.01)
    place.parent.write_text("a file stands where the folder should be")
    book = Recorder(place, 90)
    book.start()
    until(lambda: book.fault is not None)
    book.record(answer(), "chat")
    assert "PARKQA_JOURNAL" in str(book.fault)
    place.parent.unlink()
    until(lambda: book.fault is None)
    book.close()
    assert [made.id for made in read(place)] == ["a1"]


@pytest.mark.slow
def test_a_full_disk_delays_no_answer(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "RETRY_SECONDS", 0.01)
    room = [30]
    connect = journal.connect

    def small(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute(f"PRAGMA max_page_count = {room[0]}")
        return connection

    monkeypatch.setattr(journal, "connect", small)
    book = Recorder(place, 90)
    book.start()
    started = time.monotonic()
    for number in range(300):
        book.record(answer("问" * 500, id_=f"a{number}"), "chat")
    assert time.monotonic() - started < 5
    until(lambda: book.fault is not None)
    assert "full" in str(book.fault)
    assert 0 < len(read(place)) < 300
    room[0] = 100_000
    until(lambda: book.fault is None and len(read(place)) == 300)
    book.close()


def test_when_nothing_can_be_written_for_long_the_newest_are_let_go(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, gate = threading.Event(), threading.Event()
    connect = journal.connect

    def held(path: Path) -> sqlite3.Connection:
        reached.set()
        assert gate.wait(PATIENCE)
        return connect(path)

    monkeypatch.setattr(journal, "connect", held)
    monkeypatch.setattr(recorder, "WAITING", 5)
    book = Recorder(place, 90)
    book.start()
    assert reached.wait(PATIENCE)
    for number in range(20):
        book.record(answer(id_=f"a{number:02}"), "chat")
    gate.set()
    book.close(PATIENCE)
    assert [made.id for made in read(place)] == [f"a{number:02}" for number in range(5)]


def test_an_entry_that_cannot_be_made_holds_up_no_other(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    book = Recorder(place, 90)
    book.start()
    book.record(replace(answer(), quotes=(None,)), "chat")  # type: ignore[arg-type]
    book.record(answer(id_="a2"), "chat")
    book.close()
    assert [made.id for made in read(place)] == ["a2"]
    assert "could not be made" in caplog.text


def test_closing_waits_for_no_disk(place: Path) -> None:
    place.parent.write_text("no folder")
    book = Recorder(place, 90)
    book.start()
    book.record(answer(), "chat")
    until(lambda: book.fault is not None)
    started = time.monotonic()
    book.close()
    assert time.monotonic() - started < 5


@pytest.mark.slow
def test_two_servers_write_one_journal_and_a_kill_leaves_it_whole(place: Path) -> None:
    writes = """
import sys, time
from pathlib import Path
from test_entries import answer
from parkqa.journal.recorder import Recorder
book = Recorder(Path(sys.argv[1]), 90)
book.start()
for number in range(60):
    book.record(answer(id_=sys.argv[2] + str(number)), "chat")
if sys.argv[2] == "k":
    while True:
        book.record(answer(id_=sys.argv[2] + str(time.monotonic_ns())), "chat")
        time.sleep(0.0005)
book.close(60)
"""
    path = os.pathsep.join([str(Path(__file__).parent), str(TESTS), str(ROOT / "src")])
    command = [sys.executable, "-c", writes, str(place)]
    env = os.environ | {"PYTHONPATH": path}
    names = ("a", "b", "k")
    with ExitStack() as ending:
        processes = [ending.enter_context(subprocess.Popen([*command, name], env=env)) for name in names]
        for process in processes:
            ending.callback(process.kill)
        until(lambda: place.exists() and sum(made.id[0] == "k" for made in read(place)) > 100)
        processes[2].kill()
        assert [process.wait(60) for process in processes][:2] == [0, 0]
    held = [made.id for made in read(place)]
    assert {f"{name}{number}" for name in names for number in range(60)} <= set(held)
    assert len(set(held)) == len(held)
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_journal_that_another_process_is_creating_is_no_journal_of_another_version(place: Path) -> None:
    """The schema comes between any two statements of a reader's; here, each time that it has read."""

    class Late:
        def execute(self, statement: str) -> SimpleNamespace:
            row = connection.execute(statement).fetchone()
            journal.connect(place).close()
            return SimpleNamespace(fetchone=lambda: row)

    place.parent.mkdir()
    place.touch()
    with closing(sqlite3.connect(place)) as connection:
        assert journal.SCHEMA.is_in(cast(sqlite3.Connection, Late()), place) is False
        assert journal.SCHEMA.is_in(connection, place) is True


def test_none_turns_it_off(tmp_path: Path) -> None:
    assert open_recorder(load_settings()) is None
    assert open_recorder(load_settings(journal=tmp_path / "j.db")) is not None
