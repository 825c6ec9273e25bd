"""The reranker: a cross-encoder that implements ``parkqa.types.Reranker``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from parkqa.models.sharing import share
from parkqa.types import Reading

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder
    from torch import nn

LONGEST = 160
"""Tokens of a pair (question and text together) that the default reranker reads; it was trained with this limit and
longer pairs are truncated."""
SPAN_HEAD, SPAN_FILE = "span", "span_head.safetensors"
"""Name of the head that finds the answer within the text, and the file that it is kept in beside the model."""
BATCH = 2
"""Pairs in one forward pass at most, which is padded to the longer one and computed on one thread. With two threads and
six pairs, three passes of two take 0.8 times as long as six of one, which read the weights twice as often, or as two of
three, which leave one thread idle at the end (docs/performance.md, "Beside other programs")."""


class PairScorer:
    """Wraps a sentence-transformers ``CrossEncoder`` as a ``Reranker``; may be called from many threads.

    Args:
        model: a cross-encoder with one output; scores are what its activation function makes of the logits, which are
            the logits themselves for models from ``open_reranker``.
        pool: the threads on which pairs are scored side by side (``workers.workers``).
        fingerprint: names the weights; equal fingerprints promise equal scores.
    """

    def __init__(self, model: CrossEncoder, pool: Executor, fingerprint: str) -> None:
        self._model = model.eval()
        self._pool = pool
        self._tokenizing = Lock()  # a tokenizer raises when one thread sets its padding while another uses it
        self.fingerprint = fingerprint

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the scores of ``texts`` for ``question``: float32, shape (len(texts),), higher is more relevant."""
        if not len(texts):
            return np.zeros(0, dtype=np.float32)
        order = _longest_first(texts)
        with self._tokenizing:
            tokens = self._model.preprocess([(question, texts[i]) for i in order])
        scores = np.zeros(len(texts), dtype=np.float32)
        scores[order] = np.concatenate([found["scores"] for found in self._passes(tokens, len(order))]).reshape(-1)
        return scores

    def _passes(self, tokens: Mapping[str, Any], count: int) -> list[dict[str, npt.NDArray[np.float32]]]:
        """What the model gives for so many rows at a time, in the order of the rows."""
        size = pairs_a_pass(count)
        return list(self._pool.map(self._pass, [_rows(tokens, start, size) for start in range(0, count, size)]))

    def _pass(self, features: dict[str, Any]) -> dict[str, npt.NDArray[np.float32]]:
        """Score tokenised pairs as ``CrossEncoder.predict`` does, without its overhead of some milliseconds."""
        import torch

        with torch.inference_mode():
            logits = self._model(features)["scores"].float()
            activated = self._model.activation_fn(logits) if self._model.activation_fn else logits
            return {"scores": activated.numpy()}


class PairReader(PairScorer):
    """A ``PairScorer`` that also tells where in a text the answer is: a ``SpanReranker``.

    Args:
        model: as for ``PairScorer``.
        head: the module that maps the last layer's vector of each token to two log-odds (``new_reranker``).
        pool: as for ``PairScorer``.
        fingerprint: names the weights; equal fingerprints promise equal scores and readings.
    """

    def __init__(self, model: CrossEncoder, head: nn.Module, pool: Executor, fingerprint: str) -> None:
        super().__init__(model, pool, fingerprint)
        inner: Any = self._model[0]
        inner.model.config.output_hidden_states = True
        self._head = head.eval()

    def score(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the scores of ``texts`` for ``question``: float32, shape (len(texts),), higher is more relevant."""
        return np.array([reading.score for reading in self.read(question, texts)], dtype=np.float32)

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return what was read in each text, in the same forward passes as its score."""
        order = _longest_first(texts)
        if not order:
            return []
        with self._tokenizing:
            tokens = tokenized(self._model, [(question, texts[i]) for i in order])
        readings: list[Reading | None] = [None] * len(texts)
        passes = range(0, len(order), pairs_a_pass(len(order)))
        for start, found in zip(passes, self._passes(tokens.inputs, len(order)), strict=True):
            for row, (score, ends) in enumerate(zip(found["scores"].reshape(-1), found["ends"], strict=True), start):
                readings[order[row]] = Reading(float(score), tokens.offsets[row], ends[tokens.places[row]])
        return [reading for reading in readings if reading is not None]

    def _pass(self, features: dict[str, Any]) -> dict[str, npt.NDArray[np.float32]]:
        import torch

        found = super()._pass(features)
        with torch.inference_mode():
            # The model has put the vectors of its layers beside the scores.
            found["ends"] = self._head(features["all_layer_embeddings"][-1]).float().numpy()
        return found


def pairs_a_pass(count: int) -> int:
    """Return how many of ``count`` pairs go into one forward pass: BATCH, but one where that would be a single pass.

    It depends on nothing else, so that a score is the same on every machine and whoever else asks.

    >>> pairs_a_pass(6), pairs_a_pass(2)
    (2, 1)
    """
    return BATCH if count > BATCH else 1


def _longest_first(texts: Sequence[str]) -> list[int]:
    """The places of the texts, the longest first, so that the threads end at about the same time."""
    return sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))


@dataclass(frozen=True)
class Tokens:
    """Tokenised pairs of a question and a text.

    Attributes:
        inputs: what the model takes, tensors of shape (pairs, tokens).
        places: for each pair, where the tokens of the text stand in its row, in order.
        offsets: for each pair, the code points of the text that these tokens stand for, shape (tokens of the text, 2).
    """

    inputs: dict[str, Any]
    places: list[npt.NDArray[np.intp]]
    offsets: list[npt.NDArray[np.intp]]


def tokenized(model: CrossEncoder, pairs: Sequence[tuple[str, str]]) -> Tokens:
    """Tokenise pairs of a question and a text as ``CrossEncoder.predict`` does, and tell where the tokens stand.

    The tokenizer's own library is asked: two pairs take .3 ms instead of .7 with what transformers does around it. No
    other thread may use the tokenizer meanwhile.
    """
    import torch

    tokenizer = model.tokenizer
    backend = tokenizer.backend_tokenizer
    backend.enable_truncation(model.max_seq_length)
    backend.enable_padding(
        direction=tokenizer.padding_side,
        pad_id=tokenizer.pad_token_id,
        pad_type_id=tokenizer.pad_token_type_id,
        pad_token=tokenizer.pad_token,
    )
    found = backend.encode_batch(pairs)
    parts = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
    inputs = {
        name: torch.tensor([getattr(each, parts[name]) for each in found]) for name in tokenizer.model_input_names
    }
    places = [np.array([at for at, of in enumerate(each.sequence_ids) if of == 1], dtype=np.intp) for each in found]
    offsets = [np.array(each.offsets)[mine] for each, mine in zip(found, places, strict=True)]
    return Tokens(inputs, places, offsets)


def _rows(tokens: Mapping[str, Any], start: int, count: int) -> dict[str, Any]:
    """Return ``count`` rows of tokenised pairs from ``start``, without the columns that are padding in all of them."""
    rows = slice(start, start + count)
    used = tokens["attention_mask"][rows].any(dim=0).nonzero()
    columns = slice(int(used[0]), int(used[-1]) + 1)
    return {name: part[rows, columns] if hasattr(part, "shape") else part for name, part in tokens.items()}


def open_reranker(name: str, pool: Executor, fingerprint: str, *, shares: bool = False) -> PairScorer:
    """Load a cross-encoder from a local path, or by its name from the hub (needs the network unless cached).

    Args:
        name: path or hub name. A folder that has a span head in it as well (``save``) is opened as a ``PairReader``.
        pool: the threads on which pairs are scored, see ``PairScorer``.
        fingerprint: what to call the weights, see ``PairScorer``.
        shares: whether it is parkqa's own and has its embeddings and vocabulary in common (``sharing.share``).

    Returns:
        The scorer, on the CPU; its scores are the logits.
    """
    from sentence_transformers import CrossEncoder
    from torch import nn

    local = Path(name).exists()
    model: CrossEncoder = CrossEncoder(name, device="cpu", activation_fn=nn.Identity(), local_files_only=local)
    if shares:
        share(model)
    file = Path(name) / SPAN_FILE
    return (
        PairReader(model, _read_head(file), pool, fingerprint)
        if file.is_file()
        else PairScorer(model, pool, fingerprint)
    )


def _read_head(file: Path) -> nn.Module:
    from safetensors.torch import load_file
    from torch import nn

    weights = load_file(file)
    head = nn.Linear(weights["weight"].shape[1], weights["weight"].shape[0])
    head.load_state_dict(weights)
    return head.float()


def save(model: CrossEncoder, folder: Path) -> None:
    """Save a model of ``new_reranker`` to a folder that ``open_reranker`` loads; the span head has its own file."""
    from safetensors.torch import save_file

    inner: Any = model[0]
    head = inner.model.get_submodule(SPAN_HEAD)
    del inner.model._modules[SPAN_HEAD]
    model.save_pretrained(str(folder))
    save_file({name: weight.contiguous() for name, weight in head.state_dict().items()}, folder / SPAN_FILE)


def new_reranker(base: Path, activation: Any, **config: Any) -> CrossEncoder:
    """Return a cross-encoder with the weights of an encoder and two newly initialised heads.

    One scores the pair. The other, the module SPAN_HEAD of the transformers model, gives each token the log-odds that
    the answer starts there and that it ends there.

    Args:
        base: folder of the encoder, in the format of transformers or sentence-transformers.
        activation: what is applied to the logits, as ``CrossEncoder`` takes it; None for its default.
        **config: values that override the model configuration (dropout rates, for instance).
    """
    from sentence_transformers import CrossEncoder
    from torch import nn

    model: CrossEncoder = CrossEncoder(
        str(base),
        num_labels=1,
        device="cpu",
        max_length=LONGEST,
        activation_fn=activation,
        local_files_only=True,
        config_kwargs=config or None,
    )
    inner: Any = model[0]
    inner.model.add_module(SPAN_HEAD, nn.Linear(inner.model.config.hidden_size, 2))
    return model
