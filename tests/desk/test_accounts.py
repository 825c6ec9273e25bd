"""Names and passwords: kept as scrypt, set on the command line, read anew each time."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from parkqa.cli.commands import app
from parkqa.desk import accounts
from parkqa.desk.accounts import Accounts
from parkqa.desk.folder import Folder
from parkqa.errors import ParkqaError, SettingsError

PASSWORD = "correct horse battery"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    monkeypatch.setattr(accounts, "_COST", 16)
    return Accounts(Folder(tmp_path / "desk", tmp_path / "corpus"))


def test_a_password_is_kept_as_scrypt_and_readable_by_the_owner_only(tmp_path: Path, kept: Accounts) -> None:
    kept.set("小王", PASSWORD)
    file = tmp_path / "desk" / "accounts.json"
    kind, cost, block, parallel, salt, digest = json.loads(file.read_bytes())["小王"].split("$")
    assert kind == "scrypt"
    made = hashlib.scrypt(
        PASSWORD.encode(), salt=bytes.fromhex(salt), n=int(cost), r=int(block), p=int(parallel), dklen=32
    )
    assert made.hex() == digest
    assert PASSWORD not in file.read_text(encoding="utf-8")
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_shipped_cost_is_that_of_the_cheat_sheet() -> None:
    assert (accounts._COST, accounts._BLOCK, accounts._PARALLEL) == (2**15, 8, 3)


def test_only_the_right_password_of_that_name_proves(kept: Accounts) -> None:
    kept.set("小王", PASSWORD)
    kept.set("小李", PASSWORD[::-1])
    assert kept.names() == ["小李", "小王"]
    assert kept.proves("小王", PASSWORD)
    for name, password in (("小王", PASSWORD[::-1]), ("小王", ""), ("小王", "x" * 9999), ("x", PASSWORD), ("", "")):
        assert not kept.proves(name, password)


def test_what_a_session_is_tied_to_changes_with_the_password(kept: Accounts) -> None:
    assert kept.mark("小王") == ""
    kept.set("小王", PASSWORD)
    first = kept.mark("小王")
    kept.set("小王", PASSWORD)
    assert kept.mark("小王") not in (first, "")
    assert kept.remove("小王")
    assert not kept.remove("小王")
    assert kept.names() == []


@pytest.mark.parametrize(
    ("name", "password"),
    [("", PASSWORD), ("a b", PASSWORD), ("x" * 41, PASSWORD), ("小王", "short"), ("小王", "x" * 201)],
)
def test_what_cannot_be_used_is_refused(kept: Accounts, name: str, password: str) -> None:
    with pytest.raises(ParkqaError):
        kept.set(name, password)
    assert kept.names() == []


def test_a_file_gives_one_more_name(tmp_path: Path, kept: Accounts) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{PASSWORD}\nmore\n", encoding="utf-8")
    both = Accounts(Folder(tmp_path / "desk", tmp_path / "corpus"), file)
    assert both.names() == ["desk"]
    assert both.proves("desk", PASSWORD)
    mark = both.mark("desk")
    assert both.mark("desk") == mark
    for text in ("", "short\n", "x" * 300):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError):
            both.names()
    file.unlink()
    with pytest.raises(SettingsError):
        both.names()


def test_a_damaged_file_lets_nobody_in(tmp_path: Path, kept: Accounts) -> None:
    kept.set("小王", PASSWORD)
    (tmp_path / "desk" / "accounts.json").write_text("{", encoding="utf-8")
    with pytest.raises(ParkqaError):
        kept.proves("小王", PASSWORD)


def test_the_folder_must_not_be_indexed(tmp_path: Path) -> None:
    inside = Accounts(Folder(tmp_path / "corpus" / "desk", tmp_path / "corpus"))
    with pytest.raises(ParkqaError, match="PARKQA_DESK"):
        inside.set("小王", PASSWORD)
    assert not (tmp_path / "corpus").exists()


def test_the_command_sets_and_takes_away(tmp_path: Path, kept: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKQA_DESK", str(tmp_path / "desk"))
    monkeypatch.setenv("PARKQA_CORPUS", str(tmp_path / "corpus"))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    run = CliRunner()
    assert run.invoke(app, ["desk", "password", "小王"], input=f"{PASSWORD}\n").exit_code == 0
    assert kept.proves("小王", PASSWORD)
    assert run.invoke(app, ["desk", "password"], input="short\n").exception
    assert kept.names() == ["小王"]
    assert "已取消" in run.invoke(app, ["desk", "password", "小王", "--remove"]).output
    assert "没有 小王" in run.invoke(app, ["desk", "password", "小王", "--remove"]).output
