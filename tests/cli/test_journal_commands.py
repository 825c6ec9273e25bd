"""``parkqa journal export | merge`` and what ``parkqa ask`` leaves in the journal."""

from __future__ import annotations

import csv
import io
import json
import sys
import unicodedata
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from command_line import run
from engines import set_environment, settings_for
from parkqa.desk.readiness import examine
from parkqa.journal import entries as journal
from parkqa.journal.entries import Entry, read
from parkqa.journal.table import cell as defused
from parkqa.settings import load_settings


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "journal.db"
    monkeypatch.setenv("PARKQA_JOURNAL", str(place))
    return place


def entry(id_: str, day: int, question: str = "码头多长？") -> Entry:
    at = journal.stamp(datetime(2026, 5, day, 9, 30).astimezone())
    return Entry(id_, at, "c", "chat", "zh", question, question, "answer", 0.5, 9.0)


def write(path: Path, *entries: Entry) -> Path:
    with closing(journal.connect(path)) as connection:
        journal.write(connection, entries)
    return path


@pytest.mark.slow
def test_asking_is_recorded_and_a_batch_is_not(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_environment(monkeypatch, settings_for(tmp_path))
    run("build")
    capsys.readouterr()
    run("ask", "园区什么时候成立的？", "--json")
    monkeypatch.setattr("sys.stdin", io.StringIO('{"question": "园区的荣誉有哪些？"}\n'))
    run("ask", "--jsonl")
    (found,) = read(place)
    assert found.id == json.JSONDecoder().raw_decode(capsys.readouterr().out)[0]["answer_id"]
    assert found.mode == "cli"


def test_lines_hold_all_that_is_known(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = [entry("a", 1), entry("b", 2, '他说"好"，\n=1+1')]
    write(place, *made)
    assert run("journal", "export") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [json.loads(json.dumps(one.to_dict())) for one in made]


def test_a_table_opens_in_a_spreadsheet_and_runs_nothing(place: Path, tmp_path: Path) -> None:
    write(place, entry("a", 1, "=HYPERLINK(1)"), entry("b", 2, '他说"好"，\n再来'))
    out = tmp_path / "记录.csv"
    assert run("journal", "export", "--csv", "-o", str(out)) == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"), newline=""))
    assert first["question"] == "'=HYPERLINK(1)"
    assert second["question"] == '他说"好"，\n再来'


@pytest.mark.parametrize(
    "question",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "\u2212 1",
        "\r\n=1+1",
        "\n\n=1",
        "\t=1",
        "\x00=1",
        "\x0b=1",
        "\x85=1",
        "\u00a0=1",
        "\u3000＝1",
        "\u200b=1",
        "\ufeff=1",
        "\u202e=1",
        "\u2028=1",
        "\u2060\u00ad=1",
        " \u200b \x01＝1",
    ],
)
def test_a_formula_in_disguise_is_a_text(question: str) -> None:
    cell = defused(question)
    assert isinstance(cell, str) and cell[0] == "'"
    assert not {character for character in cell if unicodedata.category(character) == "Cc"} - {"\n", "\t"}


@pytest.mark.parametrize("value", ["码头多长？", "1=1", "A-B", "", "“=1”", -1, 0.5, None])
def test_what_is_no_formula_stays_as_it_is(value: object) -> None:
    assert defused(value) == value


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes of files")
@pytest.mark.parametrize("there", [False, True])
def test_an_export_is_for_its_owner_only(place: Path, tmp_path: Path, there: bool) -> None:
    write(place, entry("a", 1))
    out = tmp_path / "a.jsonl"
    if there:
        out.write_text("old, and longer than what is written now" * 100)
        out.chmod(0o644)
    assert run("journal", "export", "-o", str(out)) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert len(out.read_text(encoding="utf-8").splitlines()) == 1


def test_days_are_those_of_this_machine_the_last_included(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(place, *(entry(f"d{day}", day) for day in (1, 2, 3, 4)))
    run("journal", "export", "--jsonl", "--since", "2026-05-02", "--until", "2026-05-03")
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == ["d2", "d3"]


def test_the_laptops_of_a_fair_are_merged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = write(tmp_path / "a.db", entry("a", 1), entry("b", 2))
    second = write(tmp_path / "b.db", entry("b", 2), entry("c", 3))
    target = tmp_path / "c.db"
    assert run("journal", "merge", str(first), str(second), "-o", str(target)) == 0
    assert "3 entries; 1 doubles" in capsys.readouterr().out
    assert [made.id for made in read(target)] == ["a", "b", "c"]


@pytest.mark.parametrize("words", [("export",), ("export", "--csv", "--jsonl"), ("merge", "gone.db", "-o", "c.db")])
def test_what_cannot_be_done_is_two(place: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("journal", *words) == 2
    err = capsys.readouterr().err
    assert err.strip() and "Traceback" not in err


def test_check_says_where_the_journal_is_or_that_it_cannot_be_written(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> tuple[bool, str]:
        return next((one.ok, str(one.detail)) for one in examine(load_settings(), ("model",)) if "journal" in one.name)

    assert found() == (True, f"{place}，保留 90 天 / kept for 90 days")
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("PARKQA_JOURNAL", str(tmp_path / "file" / "deeper" / "journal.db"))
    assert not found()[0]
    monkeypatch.setenv("PARKQA_JOURNAL", "none")
    assert found() == (True, "不记录 / off")


def test_a_journal_that_is_off_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PARKQA_JOURNAL", "none")
    assert run("journal", "export") == 2
    assert "PARKQA_JOURNAL" in capsys.readouterr().err
