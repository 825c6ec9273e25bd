"""The store of files: FAISS of the kind that fits the count, mapped from disk, the same bytes from every build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from indexes import OLD, build, files, plain_rows
from parkqa.settings import load_settings
from parkqa.store.backend import backend
from parkqa.store.content import Content, unit
from parkqa.store.local.index import Index, open_index
from parkqa.store.local.vectors import HNSW_FROM, IVF_FROM, RECALL, kind_for
from parkqa.store.local.writer import build_index
from parkqa.types import FaissKind, Progress, Vectors
from stubs import StubEncoder

COUNT = 4000


class Clustered(StubEncoder):
    """Vectors in clusters, as those of real texts are; a text is the number of its row. New ones can be foreseen."""

    def __init__(self) -> None:
        super().__init__("clustered", 32)
        random = np.random.default_rng(3)
        centres = random.standard_normal((60, 32))
        self.vectors = unit(centres[np.arange(COUNT) % 60] + 0.6 * random.standard_normal((COUNT, 32)))

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.encoded += len(texts)
        return self.vectors[[int(text) for text in texts]].copy()


def made(folder: Path, kind: FaissKind, encoder: Clustered, count: int = COUNT) -> Index:
    source, rows = plain_rows(count)
    build_index(folder, Content([source], rows), encoder, kind=kind)
    return open_index(folder)


@pytest.mark.parametrize(
    ("count", "kind"),
    [(0, "flat"), (HNSW_FROM - 1, "flat"), (HNSW_FROM, "hnsw"), (IVF_FROM - 1, "hnsw"), (IVF_FROM, "ivf")],
)
def test_the_kind_follows_the_count_unless_one_is_named(count: int, kind: str) -> None:
    assert kind_for(count) == kind
    assert {kind_for(max(count, 1), wanted) for wanted in ("flat", "hnsw", "ivf")} == {"flat", "hnsw", "ivf"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["hnsw", "ivf"])
def test_at_size_nearly_all_of_the_true_nearest_are_found_with_their_cosines(tmp_path: Path, kind: FaissKind) -> None:
    encoder = Clustered()
    index = made(tmp_path, kind, encoder)
    told = index.manifest.vectors
    assert (told["kind"], told["effort"] in (16, 32, 64, 128)) == (kind, True)
    assert float(told["recall"]) >= RECALL
    asked = unit(encoder.vectors[::40] + 0.03 * np.random.default_rng(5).standard_normal((100, 32)))
    cosines = asked @ encoder.vectors.T
    found = [index.dense(vector, 10) for vector in asked]
    truth = np.argsort(-cosines, axis=1)[:, :10]
    assert np.mean([len({r for r, _ in f} & {*t.tolist()}) for f, t in zip(found, truth, strict=True)]) >= 10 * RECALL
    for row, hits in enumerate(found):
        assert [score for _, score in hits] == pytest.approx([cosines[row, hit] for hit, _ in hits], abs=1e-3)
        assert hits == sorted(hits, key=lambda hit: (-hit[1], hit[0]))
    np.testing.assert_allclose(index.vector(17), encoder.vectors[17], atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivf"])
def test_every_build_gives_the_same_bytes_whatever_it_takes_over(tmp_path: Path, kind: FaissKind) -> None:
    encoder = Clustered()
    made(tmp_path / "once", kind, encoder)
    made(tmp_path / "twice", kind, encoder, COUNT // 2)
    encoder.encoded = 0
    made(tmp_path / "twice", kind, encoder)
    assert encoder.encoded == COUNT // 2
    once, twice = files(tmp_path / "once"), files(tmp_path / "twice")
    assert {path: twice[path] for path in once} == once


def test_an_index_of_few_can_be_of_any_kind(tmp_path: Path) -> None:
    for kind in ("hnsw", "ivf"):
        for count in (1, 3):
            index = made(tmp_path / f"{kind}{count}", kind, Clustered(), count)
            assert next(row for row, _ in index.dense(index.vector(0), 10)) == 0
            assert len(index.dense(index.vector(0), 10)) == count
    assert made(tmp_path / "none", "ivf", Clustered(), 0).dense(np.ones(32, dtype=np.float32), 3) == []


@pytest.mark.slow
def test_opening_reads_no_large_file_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parkqa.store.local.mmap.READ", 0)
    made(tmp_path, "hnsw", Clustered())
    index = open_index(tmp_path)
    held = [index._nearest._bytes, index._nearest._exact, index._sentences, index._first, index.passages._bytes]
    held += [index._bm25.scores[name] for name in ("data", "indices", "indptr")]
    assert [array.shape for array in held if not mapped(array)] == []


def mapped(array: Any) -> bool:
    return isinstance(array, np.memmap) or (array.base is not None and mapped(array.base))


def test_searching_leaves_the_threads_of_others_alone(tmp_path: Path) -> None:
    build(tmp_path, OLD)
    index = open_index(tmp_path)
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(3)
    try:
        index.dense(np.ones(64, dtype=np.float32), 1)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)


def test_another_build_has_another_version(tmp_path: Path) -> None:
    settings = load_settings(index=tmp_path)
    build(tmp_path, OLD)
    before = open_index(tmp_path)
    assert backend(settings).version() == before.version
    build(tmp_path, OLD[:1])
    assert backend(settings).version() == open_index(tmp_path).version != before.version
