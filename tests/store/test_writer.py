"""A build is all or nothing, embeds only what is new, and gives the same bytes again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from indexes import MEMORY, NEW, OLD, build, corpus, files
from parkqa.errors import IndexLocked, ModelError, StoreError
from parkqa.store.content import Content
from parkqa.store.local.index import open_index
from parkqa.store.local.versions import POINTER, VERSIONS, current_version, read_manifest
from parkqa.store.local.writer import adopt, build_index
from parkqa.types import Progress, Vectors
from paths import TESTS
from stubs import StubEncoder


def answers(directory: Path) -> tuple[str, ...]:
    return tuple(document.text for document in open_index(directory).documents.values())


def texts(sources: Sequence[str]) -> set[str]:
    """Everything that is embedded for these."""
    return {text for row in corpus(sources)[1] for text in (row.text, *row.sentences)}


def builder(*arguments: object, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(TESTS / "builder.py"), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | environment)


def finished(process: subprocess.Popen[str]) -> str:
    """What it printed, once it has ended well."""
    printed, _ = process.communicate()
    assert process.returncode == 0
    return printed


def test_the_first_build_embeds_every_text_once(tmp_path: Path) -> None:
    encoder, seen = StubEncoder(), []
    built = build_index(tmp_path, Content(*corpus(OLD)), encoder, lambda *counts: seen.append(counts))
    assert (built.embedded, built.reused, encoder.encoded) == (len(texts(OLD)), 0, len(texts(OLD)))
    assert seen == [(n + 1, len(texts(OLD))) for n in range(len(texts(OLD)))]
    assert built.manifest == read_manifest(tmp_path)


def test_building_again_embeds_nothing_and_writes_nothing(tmp_path: Path) -> None:
    build(tmp_path, OLD)
    before, stamp, encoder = files(tmp_path), (tmp_path / POINTER).stat().st_mtime_ns, StubEncoder()
    built = build(tmp_path, OLD, encoder)
    assert (built.embedded, built.reused, encoder.encoded) == (0, len(texts(OLD)), 0)
    assert files(tmp_path) == before
    assert (tmp_path / POINTER).stat().st_mtime_ns == stamp


def test_only_what_changed_is_embedded(tmp_path: Path) -> None:
    build(tmp_path, OLD)
    encoder = StubEncoder()
    built = build(tmp_path, NEW, encoder)
    assert built.embedded == encoder.encoded == len(texts(NEW) - texts(OLD))
    assert built.reused == len(texts(NEW) & texts(OLD))
    build(tmp_path / "fresh", NEW)
    assert {n: raw for n, raw in files(tmp_path).items() if read_version(tmp_path) in n or n == POINTER} == files(
        tmp_path / "fresh"
    )


def read_version(directory: Path) -> str:
    return (directory / POINTER).read_text().split("/")[1]


@pytest.mark.parametrize("encoder", [StubEncoder("stub-2"), StubEncoder(dimension=32)])
def test_vectors_of_another_model_are_not_taken_over(tmp_path: Path, encoder: StubEncoder) -> None:
    build(tmp_path, OLD)
    assert build(tmp_path, OLD, encoder).reused == 0
    assert open_index(tmp_path, encoder.fingerprint).manifest.dimension == encoder.dimension


@pytest.mark.slow
def test_nothing_is_taken_over_from_a_damaged_index_which_is_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build(tmp_path, OLD)
    whole = files(tmp_path)
    for name, raw in whole.items():
        (tmp_path / name).write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
        assert build(tmp_path, OLD).reused == 0
        assert Path(name).name in caplog.records[-1].message
        assert answers(tmp_path) == OLD
        assert len(files(tmp_path)) == len(whole)
        assert len([*(tmp_path / "versions").iterdir()]) == 1
        for path, content in whole.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)


@pytest.mark.slow
def test_the_same_corpus_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        finished(builder("once", tmp_path / seed, "new", PYTHONHASHSEED=seed))
    assert files(tmp_path / "1") == files(tmp_path / "2")
    assert len(files(tmp_path / "1")) > 8


def test_the_version_before_is_kept_for_its_readers_and_older_ones_go(tmp_path: Path) -> None:
    reranker, kept = None, []
    for number in range(4):
        build(tmp_path, [*OLD, f"第{number}份资料。"])
        kept = [*kept, read_version(tmp_path)][-2:]
        assert {path.name for path in (tmp_path / "versions").iterdir()} == set(kept)
        if reranker:
            assert reranker.sentence_vectors(0).shape == (2, 64)
            assert reranker.dense(reranker.vector(2), 1) == [(2, pytest.approx(1))]
        reranker = open_index(tmp_path)


class Failing(StubEncoder):
    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        raise ModelError("坏了", "broken")


class Overflowing(StubEncoder):
    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return super().encode_passages(texts) * np.float32(np.nan)


class Short(StubEncoder):
    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return super().encode_passages(texts)[:-1]


@pytest.mark.parametrize("encoder", [Failing(), Overflowing(), Short()])
def test_a_model_that_gives_no_vectors_leaves_the_old_index(tmp_path: Path, encoder: StubEncoder) -> None:
    build(tmp_path, OLD)
    before = files(tmp_path)
    with pytest.raises(ModelError):
        build(tmp_path, NEW, encoder)
    assert files(tmp_path) == before
    assert not (tmp_path / "aside").exists()


def test_a_passage_that_is_no_slice_is_never_written() -> None:
    documents, rows = corpus(OLD)
    for wrong in (corpus(NEW)[1], [rows[0], rows[2], corpus(["别的资料。"] * 3)[1][2]]):
        with pytest.raises(ValueError, match="no slice"):
            Content(documents, wrong)
    with pytest.raises(ValueError, match="pieces"):
        Content(documents, [type(rows[0])(rows[0].passage, "", (), ())])


def test_a_folder_that_cannot_be_written_names_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "index"):
        with pytest.raises(StoreError, match="权限和磁盘空间"):
            build(place, OLD)


@pytest.mark.slow
@pytest.mark.parametrize("limit", [0, 100, 400, 1000])
def test_a_full_disk_leaves_the_old_index(tmp_path: Path, limit: int) -> None:
    build(tmp_path, OLD)
    before = files(tmp_path)
    assert "cannot be written" in finished(builder("starved", tmp_path, limit))
    assert files(tmp_path) == before
    assert not (tmp_path / "aside").exists()


def test_a_second_build_says_who_holds_the_lock(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    build(tmp_path, OLD)
    with FileLock(tmp_path / "build.lock"):
        with pytest.raises(IndexLocked, match=rf"进程 {os.getpid()}.*process {os.getpid()} on .*, since 20"):
            build(tmp_path, NEW, wait=0.1)
        assert "waiting" in caplog.text
        (tmp_path / "build.json").write_text("[")
        with pytest.raises(IndexLocked, match=r"process \?"):
            build(tmp_path, NEW)
    assert answers(tmp_path) == OLD
    build(tmp_path, NEW)
    assert answers(tmp_path) == NEW


@pytest.mark.slow
def test_of_three_builds_at_once_each_is_done_whole(tmp_path: Path) -> None:
    for process in [builder("once", tmp_path, which) for which in ("old", "new", "old")]:
        finished(process)
    assert answers(tmp_path) in (OLD, NEW)
    assert len([*(tmp_path / "versions").iterdir()]) == 2


@pytest.mark.slow
def test_killed_before_any_dealing_with_the_disk_the_old_or_the_new_index_answers() -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        seen = json.loads(finished(builder("steps", folder)))
    after = [step["after"] for step in seen]
    assert len(after) > 40
    assert after == sorted(after, reverse=True), "old until the pointer is swapped, new from then on"
    assert set(after) == {"old", "new"}
    assert all(step["rebuilt"] == "new" and step["clean"] for step in seen)


@pytest.mark.slow
def test_killed_at_any_moment_the_old_or_the_new_index_answers(tmp_path: Path) -> None:
    moments = random.Random(20031)
    for _ in range(4):
        process = builder("forever", tmp_path)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moments.uniform(0, 0.15))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert answers(tmp_path) in (OLD, NEW)
    assert answers(tmp_path) in (OLD, NEW)
    build(tmp_path, NEW)
    assert answers(tmp_path) == NEW
    assert not (tmp_path / "aside").exists()


def test_a_version_of_another_folder_is_taken_over_whole(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    build(one, OLD)
    build(other, NEW)
    assert adopt(one, other, current_version(other), "a")
    assert answers(one) == NEW
    assert current_version(one) == current_version(other)
    assert adopt(one, other, current_version(other), "a")
    assert adopt(tmp_path / "new", other, current_version(other), "a")
    assert answers(tmp_path / "new") == NEW


def test_the_version_before_is_taken_up_again(tmp_path: Path) -> None:
    build(tmp_path, OLD)
    before = current_version(tmp_path)
    build(tmp_path, NEW)
    assert adopt(tmp_path, tmp_path, before, "a")
    assert answers(tmp_path) == OLD
    assert not (tmp_path / "aside").exists()


@pytest.mark.parametrize("how", ["unknown", "of other files", "damaged"])
def test_what_is_not_that_version_is_not_taken_over(tmp_path: Path, how: str) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    build(one, OLD)
    build(other, NEW)
    version = current_version(other)
    if how == "damaged":
        folder = next((other / VERSIONS).iterdir())
        (folder / "documents.jsonl").write_bytes(b"{}")
    assert not adopt(one, other, "0" * 64 if how == "unknown" else version, "x" if how == "of other files" else "a")
    assert answers(one) == OLD
    assert not (one / "aside").exists()
