"""Files in old formats, made by LibreOffice, and a program that stands for LibreOffice in tests of how it is run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from parkqa.corpus.conversion import Office, found
from parkqa.corpus.old_formats import OFFICE
from parkqa.settings import load_settings

WHOLE = (office := found(load_settings())) is not None and set(office.formats()) == set(OFFICE)
needs_office = pytest.mark.skipif(
    not WHOLE,
    reason="needs LibreOffice: apt-get install libreoffice-writer-nogui -calc-nogui -impress-nogui",
)


def libreoffice(cache: Path) -> Office:
    """LibreOffice with a cache of its own."""
    made = found(load_settings(cache=cache))
    assert made is not None
    return made


def saved_as(folder: Path, files: Mapping[str, tuple[bytes, str]]) -> dict[str, bytes]:
    """Have LibreOffice save files in another format: from name, bytes and suffix to name and bytes."""
    (folder / "from").mkdir(parents=True)
    made = {}
    for name, (raw, suffix) in files.items():
        (folder / "from" / name).write_bytes(raw)
        program = shutil.which("soffice") or shutil.which("libreoffice")
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        words = ["--headless", "--convert-to", suffix[1:], "--outdir", str(folder), str(folder / "from" / name)]
        subprocess.run([str(program), profile, *words], check=True, capture_output=True, timeout=300)
        made[f"{Path(name).stem}{suffix}"] = (folder / f"{Path(name).stem}{suffix}").read_bytes()
    return made


def stand_in(folder: Path, body: str) -> Path:
    """A program soffice that runs ``body``, lines of Python with the words ``argv`` that it is called with."""
    program = folder / "soffice"
    program.write_text(f"#!{sys.executable}\nimport os, subprocess, sys, time\nargv = sys.argv\n{body}\n")
    program.chmod(0o755)
    return program
