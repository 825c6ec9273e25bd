"""What the two default models have in common is in memory once: the token embeddings and the vocabulary of their base.

An adapter changes the linear layers alone (``training/adapting.py``), so both models have the base model's embeddings
and tokenizer. Kept twice, they took 100 MB more after 100 questions: 80 for the vocabulary, the rest for the embeddings
that had been read from the file by then.
"""

from __future__ import annotations

import weakref
from threading import Lock
from typing import TYPE_CHECKING, Any

from parkqa.models.memory import give_back

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

_EVERY = 9973
"""Of so many tokens one is compared; all embeddings would have to be read from both files."""
_LOCK = Lock()
_opened: weakref.WeakSet[Any] = weakref.WeakSet()
"""The default models in use."""


def share(model: SentenceTransformer | CrossEncoder) -> bool:
    """Let a default model use the embeddings and the vocabulary of one that was opened before it, if there is one.

    Returns:
        Whether it does; not if it is the first, or was made of another base model.
    """
    with _LOCK:
        other = next((each for each in _opened if _alike(model, each)), None)
        _opened.add(model)
        if other is None:
            return False
        _embeddings(model).weight = _embeddings(other).weight
        model.tokenizer.backend_tokenizer.model = other.tokenizer.backend_tokenizer.model
    give_back()
    return True


def _embeddings(model: Any) -> Any:
    return model[0].model.get_input_embeddings()


def _alike(model: Any, other: Any) -> bool:
    """Whether two models have the same embeddings and vocabulary, as far as a sample shows."""
    import torch

    (mine, words), (theirs, others) = (
        (_embeddings(each).weight, each.tokenizer.backend_tokenizer) for each in (model, other)
    )
    return (
        torch.equal(mine[::_EVERY], theirs[::_EVERY])
        and len(mine) == len(theirs)
        and words.get_vocab_size() == others.get_vocab_size()
        and all(words.id_to_token(at) == others.id_to_token(at) for at in range(0, len(mine), _EVERY))
    )
