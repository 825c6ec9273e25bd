"""The store on one machine: FAISS over passage vectors, BM25 over words, the vectors of sentences, the passages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from parkqa.errors import IndexMismatch
from parkqa.manifest import Manifest, faults, read_current
from parkqa.types import Block, Document, Encoder, Passage, Progress, Vectors

VECTORS, SENTENCES, KEYS = "passages.faiss", "sentences.npy", "keys.npy"
DOCUMENTS, PASSAGES, BM25 = "documents.jsonl", "passages.jsonl", "bm25"
K1, B = 1.5, 0.75
"""Of BM25, as Lucene has them (Robertson and Zaragoza, 2009)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A passage with what is embedded for it, for each of its sentences, and its words."""

    passage: Passage
    text: str
    sentences: tuple[str, ...]
    tokens: tuple[str, ...]


class Index:
    """An open index. Reading is thread-safe; scores are inner products of unit vectors, higher is nearer."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        import faiss

        self.manifest = manifest
        self.documents: Mapping[str, Document] = {d.path: d for d in map(_document, _lines(folder / DOCUMENTS))}
        self.passages: Sequence[Passage] = tuple(map(_passage, _lines(folder / PASSAGES)))
        self._faiss = faiss.read_index(str(folder / VECTORS))
        self._sentences: Vectors = np.load(folder / SENTENCES, mmap_mode="r")
        self._first = np.cumsum([0, *(len(passage.spans) for passage in self.passages)])
        self._bm25 = _load_bm25(folder / BM25) if self.passages else None

    def dense(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """Return (row, cosine) of the ``k`` passages nearest to ``vector`` of shape (dimension,), best first."""
        k = min(k, len(self.passages))
        if not k:
            return []
        scores, rows = self._faiss.search(np.ascontiguousarray(vector[None], dtype=np.float32), k)
        return sorted(zip(rows[0].tolist(), scores[0].tolist(), strict=True), key=lambda hit: (-hit[1], hit[0]))

    def vector(self, row: int) -> Vectors:
        """Return the vector of a passage, shape (dimension,)."""
        found: Vectors = self._faiss.reconstruct(row)
        return found

    def sentence_vectors(self, row: int) -> Vectors:
        """Return the vectors of a passage's sentences, shape (len(spans), dimension)."""
        return self._sentences[self._first[row] : self._first[row + 1]]

    def lexical(self, tokens: Sequence[str], k: int) -> list[tuple[int, float]]:
        """Return (row, BM25 weight) of at most ``k`` passages that hold any of ``tokens``, best first."""
        known = [token for token in tokens if token in self._vocabulary]
        if self._bm25 is None or not known:
            return []
        weights = self._bm25.get_scores(known)
        rows = np.flatnonzero(weights > 0)
        best = rows[np.lexsort((rows, -weights[rows]))][:k]
        return [(int(row), float(weights[row])) for row in best]

    def frequency(self, token: str) -> int:
        """Return in how many passages a token stands."""
        place = self._vocabulary.get(token)
        return 0 if place is None else int(self._frequencies[place])

    @cached_property
    def _vocabulary(self) -> Mapping[str, int]:
        return {} if self._bm25 is None else dict(self._bm25.vocab_dict)

    @cached_property
    def _frequencies(self) -> npt.NDArray[np.int64]:
        assert self._bm25 is not None
        return np.diff(np.asarray(self._bm25.scores["indptr"]))


def open_index(directory: Path, encoder: str | None = None) -> Index:
    """Open the current version, every file checked; ``encoder`` is the fingerprint that it must have been made with.

    Raises:
        IndexMissing, IndexDamaged, IndexMismatch: it cannot be served; says why and what to do.
    """
    folder, manifest = read_current(directory)
    wrong = faults(folder, manifest)
    if wrong:
        raise wrong[0]
    if encoder is not None and encoder != manifest.encoder:
        raise IndexMismatch(
            f"索引是用另一个模型（{manifest.encoder[:12]}）建的，现在的模型是 {encoder[:12]}，请运行 parkqa build 重建。",
            f"The index was made with another model ({manifest.encoder[:12]}) than the present one ({encoder[:12]}). "
            "Run parkqa build to rebuild it.",
        )
    return Index(folder, manifest)


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _document(raw: dict[str, Any]) -> Document:
    blocks = tuple(Block(**(block | {"columns": tuple(block["columns"])})) for block in raw["blocks"])
    return Document(**(raw | {"blocks": blocks, "also_in": tuple(raw["also_in"])}))


def _passage(raw: dict[str, Any]) -> Passage:
    spans = tuple((start, end) for start, end in raw["spans"])
    return Passage(**(raw | {"heading": tuple(raw["heading"]), "spans": spans}))


def _load_bm25(folder: Path) -> Any:
    import bm25s

    return bm25s.BM25.load(str(folder), mmap=False, load_corpus=False, load_vocab=True)


def write_files(
    folder: Path, documents: Sequence[Document], rows: Sequence[Row], vectors: Vectors, keys: npt.NDArray[np.uint8]
) -> None:
    """Write all files of a version but the manifest.

    ``vectors`` and ``keys`` hold the passages first, then the sentences in their order; a key is what ``text_keys`` gives.
    """
    import faiss

    count = len(rows)
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(np.ascontiguousarray(vectors[:count]))
    faiss.write_index(flat, str(folder / VECTORS))
    np.save(folder / SENTENCES, vectors[count:])
    np.save(folder / KEYS, keys)
    _write_lines(folder / DOCUMENTS, documents)
    _write_lines(folder / PASSAGES, [row.passage for row in rows])
    if rows:
        _write_bm25(folder / BM25, [list(row.tokens) for row in rows])


def _write_lines(path: Path, values: Iterable[Document | Passage]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(asdict(value), ensure_ascii=False) + "\n" for value in values)


def _write_bm25(folder: Path, tokens: list[list[str]]) -> None:
    import bm25s

    model = bm25s.BM25(method="lucene", k1=K1, b=B)
    # A vocabulary in a fixed order: bm25s would number words in the order of a set, another one in every process.
    words = {word: place for place, word in enumerate(sorted({word for row in tokens for word in row} or {""}))}
    ids = [[words[word] for word in row] for row in tokens]
    model.index((ids, words), create_empty_token=False, show_progress=False)
    model.save(str(folder))


def text_keys(texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return a key for each embedded text, the first 16 bytes of its SHA-256, shape (len(texts), 16)."""
    raw = b"".join(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16] for text in texts)
    return np.frombuffer(raw, dtype=np.uint8).reshape(-1, 16)


def known_vectors(directory: Path, encoder: str) -> Callable[[bytes], Vectors | None]:
    """Return what finds the vector of a text key in the current version; in none when it cannot be trusted."""
    from parkqa.errors import StoreError

    try:
        folder, manifest = read_current(directory)
        if manifest.encoder != encoder or faults(folder, manifest):
            return lambda key: None
    except StoreError:
        return lambda key: None
    import faiss

    flat = faiss.read_index(str(folder / VECTORS))
    passages = flat.reconstruct_n(0, flat.ntotal) if flat.ntotal else np.zeros((0, manifest.dimension), np.float32)
    vectors = np.concatenate([passages, np.load(folder / SENTENCES)])
    places = {bytes(key): place for place, key in enumerate(np.load(folder / KEYS))}
    return lambda key: vectors[places[key]] if key in places else None


def embed(
    texts: Sequence[str],
    encoder: Encoder,
    known: Callable[[bytes], Vectors | None],
    progress: Progress | None = None,
) -> tuple[Vectors, npt.NDArray[np.uint8], int]:
    """Return vectors and keys of ``texts``, and how many were embedded anew; equal texts are embedded once."""
    keys = text_keys(texts)
    found = {key: known(key) for key in {bytes(key) for key in keys}}
    new: dict[bytes, str] = {}
    for key, text in zip(keys, texts, strict=True):
        if found[bytes(key)] is None:
            new[bytes(key)] = text
    made = encoder.encode_passages(list(new.values()), progress)
    vectors = {**found, **dict(zip(new, made, strict=True))}
    stacked = np.array([vectors[bytes(key)] for key in keys], dtype=np.float32).reshape(len(texts), encoder.dimension)
    return stacked, keys, len(new)
