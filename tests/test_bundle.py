"""The bundle for the stand: which wheels a system needs, what the scripts say. ``bundled.py`` tries a bundle."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / "tools"

sys.path.insert(0, str(TOOLS))
from wheels import PYTHON, Wheels  # noqa: E402

TAG = f"cp{PYTHON[0]}{PYTHON[1]}"


def wheel(folder: Path, name: str, tags: str = "py3-none-any", *requires: str) -> None:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {line}" for line in requires)]
    with zipfile.ZipFile(folder / f"{name}-1.0-{tags}.whl", "w") as file:
        file.writestr(f"{name}-1.0.dist-info/METADATA", "\n".join(lines))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    common, own = tmp_path / "any", tmp_path / "own"
    common.mkdir()
    own.mkdir()
    return own, common


def missing(platform: str, folders: tuple[Path, Path], root: str) -> set[str]:
    return set(Wheels(platform, *folders, ROOT / "constraints.txt").missing(root))


def test_conditions_are_weighed_for_the_system_and_not_for_this_one(folders: tuple[Path, Path]) -> None:
    wheel(folders[1], "top", "py3-none-any", "unix; sys_platform == 'linux'", "win; os_name == 'nt'", "both[more]>=1")
    assert missing("linux", folders, "top") == {"unix", "both"}
    assert missing("windows", folders, "top") == {"win", "both"}


def test_extras_are_followed_and_circles_end(folders: tuple[Path, Path]) -> None:
    wheel(folders[1], "top", "py3-none-any", "low[more]", "top[x]; extra == 'all'", "unasked; extra == 'x'")
    wheel(folders[1], "low", "py3-none-any", "deep; extra == 'more'", "top", "other; extra == 'less'")
    assert missing("linux", folders, "top") == {"deep"}
    assert missing("linux", folders, "top[all]") == {"deep", "unasked"}


@pytest.mark.parametrize(
    ("tags", "fits"),
    [
        (f"{TAG}-{TAG}-win_amd64", "windows"),
        (f"{TAG}-{TAG}-manylinux_2_17_x86_64.manylinux2014_x86_64", "linux"),
        ("cp38-abi3-win_amd64", "windows"),
        ("py3-none-win_amd64", "windows"),
        ("py3-none-any", "linux windows"),
        (f"{TAG}-{TAG}-win32", ""),
        (f"{TAG}-{TAG}-manylinux_2_17_aarch64", ""),
        ("cp27-cp27m-win_amd64", ""),
    ],
)
def test_a_wheel_counts_only_where_it_fits(folders: tuple[Path, Path], tags: str, fits: str) -> None:
    wheel(folders[0], "top", tags)
    for platform in ("linux", "windows"):
        assert missing(platform, folders, "top") == (set() if platform in fits else {"top"})


def test_the_script_for_windows_is_plain_ascii_and_every_jump_has_its_place() -> None:
    script = (TOOLS / "bundle" / "start.bat").read_text(encoding="ascii")
    labels = {line[1:] for line in script.splitlines() if line.startswith(":")}
    jumps = {line.split("goto ")[1] for line in script.splitlines() if "goto " in line}
    assert jumps == labels
    assert 'cd /d "%~dp0"' in script


def test_both_scripts_set_the_same() -> None:
    shell, batch = ((TOOLS / "bundle" / name).read_text(encoding="utf-8") for name in ("start.sh", "start.bat"))
    for name in ("CORPUS", "INDEX", "MODELS", "JOURNAL", "EMBEDDER", "RERANKER"):
        assert f"PARKQA_{name}=" in shell and f'"PARKQA_{name}=' in batch
    for text in ("text/first.txt", "text/failed.txt", "text/no-python.txt"):
        assert text in shell and text.replace("/", "\\") in batch
        assert (TOOLS / "bundle" / text).exists()
    for words in ("--no-index", "-c constraints.txt", "@PYTHON@", "parkqa serve --event", "parkqa[@EXTRAS@]"):
        assert words in shell and words in batch


@pytest.mark.skipif(shutil.which("dash") is None and shutil.which("sh") is None, reason="no shell")
def test_the_script_for_linux_is_a_plain_shells() -> None:
    subprocess.run([shutil.which("dash") or "sh", "-n", TOOLS / "bundle" / "start.sh"], check=True)
