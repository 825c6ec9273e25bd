"""The manifest of an index, the same for both stores: what it was built from, what it holds, whether it fits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache

from pydantic import TypeAdapter

from parkqa.errors import IndexMismatch

FORMAT = 6
"""Version of the storage format and of the rules by which documents are cut; an index of any other version has to be
rebuilt."""
REBUILD = ("请运行 parkqa build 重建。", "Run parkqa build to rebuild it.")
"""The advice that ends most error messages about an index, in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of one build.

    Attributes:
        format: FORMAT of the build.
        parkqa: version of parkqa that built it.
        encoder: fingerprint of the embedding model.
        dimension: number of components of a vector.
        bm25: ``method``, ``k1`` and ``b``.
        vectors: ``kind`` of the vector index, search ``effort`` and measured ``recall``.
        documents: maps the path of each document to the SHA-256 of its text.
        passages: number of passages.
        sentences: number of sentence and clause vectors.
        note: strings that the builder stored, by key.
        files: maps the name of each file, relative to the version's folder, to its SHA-256.
    """

    format: int
    parkqa: str
    encoder: str
    dimension: int
    bm25: Mapping[str, str | float]
    vectors: Mapping[str, str | float]
    documents: Mapping[str, str]
    passages: int
    sentences: int
    note: Mapping[str, str]
    files: Mapping[str, str]

    def to_bytes(self) -> bytes:
        """Return the manifest as UTF-8 JSON; equal manifests give equal bytes."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1).encode("utf-8")

    @classmethod
    def from_json(cls, raw: str | bytes) -> Manifest:
        """Parse the JSON form.

        Raises:
            IndexMismatch: it has a different format version or different keys.
            ValueError: it is not a JSON object, or a value in it is of another type.
        """
        try:
            values = json.loads(raw)
        except RecursionError as error:
            raise ValueError("a manifest is not nested that deeply") from error
        if not isinstance(values, dict):
            raise ValueError("a manifest is a JSON object")
        written = values.get("format")
        if written != FORMAT or values.keys() != cls.__dataclass_fields__.keys():
            raise IndexMismatch(
                f"索引是别的版本的 parkqa 写的（格式 {written}，这里是 {FORMAT}），{REBUILD[0]}",
                f"The index was written by another version of parkqa (format {written}, here {FORMAT}). {REBUILD[1]}",
            )
        _types().validate_python(values)  # its own result would have 0.0 where 0 was written
        return cls(**values)

    def check_encoder(self, fingerprint: str | None) -> None:
        """Check that the index was built with the model of this fingerprint; None accepts any model.

        Raises:
            IndexMismatch: it was built with a different model.
        """
        if fingerprint not in (None, self.encoder):
            raise IndexMismatch(
                f"建索引的模型（{self.encoder[:12]}）不是现在的模型（{str(fingerprint)[:12]}），{REBUILD[0]}",
                f"The index was made with another model ({self.encoder[:12]}) than the present one "
                f"({str(fingerprint)[:12]}). {REBUILD[1]}",
            )


@lru_cache(maxsize=1)
def _types() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)


def digest(raw: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal.

    >>> digest(b"")[:16]
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(raw).hexdigest()
