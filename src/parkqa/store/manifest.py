"""What a build was made of and what it holds, as both stores keep it; the checks that it can be used here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from parkqa.errors import IndexMismatch

FORMAT = 4
"""Of what a store keeps; another number is not read."""
REBUILD = ("请运行 parkqa build 重建。", "Run parkqa build to rebuild it.")
"""The cure of whatever is wrong with an index."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version was made of and what it holds.

    ``encoder`` is the fingerprint of the model and ``dimension`` the length of its vectors; ``bm25`` holds the variant
    and its parameters; ``vectors`` the kind of vector index, the effort to search it with and its recall; ``documents``
    maps paths to the SHA-256 of their text; ``passages`` and ``sentences`` are counts; ``note`` is what the builder
    wanted kept; ``files`` maps names below the version to SHA-256.
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
        """Return the manifest as JSON, the same bytes for the same manifest."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1).encode("utf-8")

    @classmethod
    def from_json(cls, raw: str | bytes) -> Manifest:
        """Read the JSON form.

        Raises:
            IndexMismatch: another version of parkqa wrote it.
            ValueError: it is no JSON object.
        """
        values = json.loads(raw)
        if not isinstance(values, dict):
            raise ValueError("a manifest is a JSON object")
        written = values.get("format")
        if written != FORMAT or values.keys() != cls.__dataclass_fields__.keys():
            raise IndexMismatch(
                f"索引是别的版本的 parkqa 写的（格式 {written}，这里是 {FORMAT}），{REBUILD[0]}",
                f"The index was written by another version of parkqa (format {written}, here {FORMAT}). {REBUILD[1]}",
            )
        return cls(**values)

    def check_encoder(self, fingerprint: str | None) -> None:
        """Check that the index was made with the model of this ``fingerprint``; None asks nothing.

        Raises:
            IndexMismatch: it was made with another one.
        """
        if fingerprint not in (None, self.encoder):
            raise IndexMismatch(
                f"建索引的模型（{self.encoder[:12]}）不是现在的模型（{str(fingerprint)[:12]}），{REBUILD[0]}",
                f"The index was made with another model ({self.encoder[:12]}) than the present one "
                f"({str(fingerprint)[:12]}). {REBUILD[1]}",
            )


def digest(raw: bytes) -> str:
    """Return the SHA-256 of bytes in hex."""
    return hashlib.sha256(raw).hexdigest()
