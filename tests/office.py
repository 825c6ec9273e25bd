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
    """Have LibreOffice save files in other formats: from name, bytes and suffix to name and bytes.

    It is started once for each format.
    """
    (folder / "from").mkdir(parents=True)
    program = str(shutil.which("soffice") or shutil.which("libreoffice"))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    wanted: dict[str, list[Path]] = {}
    for name, (raw, suffix) in files.items():
        source = folder / "from" / name
        source.write_bytes(raw)
        wanted.setdefault(suffix, []).append(source)
    made = {}
    for suffix, sources in wanted.items():
        words = [program, profile, "--headless", "--convert-to", suffix[1:], "--outdir", folder, *sources]
        subprocess.run(words, check=True, capture_output=True, timeout=300)
        made |= {f"{source.stem}{suffix}": (folder / f"{source.stem}{suffix}").read_bytes() for source in sources}
    return made


def stand_in(folder: Path, body: str) -> Path:
    """A program soffice that runs ``body``, lines of Python with the words ``argv`` that it is called with."""
    program = folder / "soffice"
    program.write_text(f"#!{sys.executable}\nimport os, subprocess, sys, time\nargv = sys.argv\n{body}\n")
    program.chmod(0o755)
    return program
