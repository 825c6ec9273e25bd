"""Folders for what is thrown away: deleted in the end, and after a program that was killed by the next one."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from parkqa.corpus.aside import DAYS, folder_aside


def test_a_folder_is_deleted_and_so_are_those_of_killed_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name, days in (("parkqa-office-old", DAYS + 1), ("parkqa-office-new", DAYS - 1), ("parkqa-other-old", 99)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "document.docx").write_bytes(b"x")
        os.utime(tmp_path / name, (time.time() - days * 86_400,) * 2)
    with folder_aside("office") as folder:
        assert folder.parent == tmp_path and folder.name.startswith("parkqa-office-")
        (folder / "document.docx").write_bytes(b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parkqa-office-new", "parkqa-other-old"]
