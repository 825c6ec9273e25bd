"""``parkqa messages``: exported, merged as after a fair, deleted by number."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from command_line import run
from parkqa.journal import messages
from parkqa.journal.messages import Message


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of this computer's messages, beside its journal, with one in it."""
    monkeypatch.setenv("PARKQA_JOURNAL", str(tmp_path / "journal.db"))
    return left(tmp_path / "messages.db", 1)


def left(path: Path, number: int, question: str = "=1+1") -> Path:
    made = Message(f"{number:08x}" * 4, f"2026-05-0{number}T08:00:00.000+00:00", "zh", "event", question, "", "电话")
    messages.leave(path, made)
    return path


def test_they_are_written_out_as_lines_and_as_a_table(
    box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("messages", "export") == 0
    assert json.loads(capsys.readouterr().out) == messages.read(box)[0].to_dict()
    table = tmp_path / "out.csv"
    assert run("messages", "export", "--csv", "-o", str(table)) == 0
    assert "'=1+1" in table.read_text(encoding="utf-8-sig")
    if sys.platform != "win32":
        assert table.stat().st_mode & 0o777 == 0o600


def test_those_of_a_fair_are_added_to_those_of_the_office(
    box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fair, other = left(left(tmp_path / "fair.db", 1), 2), tmp_path / "both.db"
    assert run("messages", "merge", str(fair)) == 0
    assert "共 2 条，新并入 1 条" in capsys.readouterr().out
    assert len(messages.read(box)) == 2
    assert run("messages", "merge", str(fair), "-o", str(other)) == 0
    assert "共 2 条，新并入 2 条" in capsys.readouterr().out
    assert run("messages", "merge", str(tmp_path / "none.db")) == 2
    assert "没有这个留言文件" in capsys.readouterr().err
    assert not (tmp_path / "none.db").exists()


def test_one_is_deleted_by_the_number_that_a_visitor_names(box: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("messages", "delete", "00000001") == 0
    assert "备份里还有" in capsys.readouterr().out
    assert messages.read(box) == []
    assert run("messages", "delete", "00000001") == 2
    assert "没有编号是 00000001" in capsys.readouterr().err
