"""A damaged, foreign or missing index names itself and its cure; a sound one may be copied anywhere."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from indexes import NEW, OLD, build, files
from parkqa.errors import IndexDamaged, IndexMismatch, IndexMissing
from parkqa.store.local.index import open_index
from parkqa.store.local.versions import MANIFEST, POINTER, point, read_manifest, steadily, verify
from parkqa.store.manifest import FORMAT, Manifest
from stubs import StubEncoder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    build(tmp_path / "index", OLD)
    return tmp_path / "index"


def version(index: Path) -> Path:
    (folder,) = (index / "versions").iterdir()
    return folder


def named(index: Path, name: str) -> str:
    """How an error calls the file of that path below the index folder."""
    return Path(name).relative_to(version(index).relative_to(index)).as_posix() if "/" in name else name


def rewrite(index: Path, **values: object) -> None:
    """Change the manifest and vouch for it, as another version of parkqa would have."""
    path = version(index) / MANIFEST
    raw = json.dumps(json.loads(path.read_bytes()) | values).encode()
    renamed = path.parent.rename(path.parent.with_name(hashlib.sha256(raw).hexdigest()[:16]))
    (renamed / MANIFEST).write_bytes(raw)
    point(index, renamed.name, raw)


def test_the_manifest_says_what_was_built(index: Path) -> None:
    manifest = read_manifest(index)
    assert (manifest.format, manifest.encoder, manifest.dimension) == (FORMAT, "stub-1", 64)
    assert (manifest.passages, manifest.sentences, manifest.note) == (3, 4, {"corpus": "a"})
    assert manifest.documents == {f"{n}.md": hashlib.sha256(text.encode()).hexdigest() for n, text in enumerate(OLD)}
    assert manifest.bm25 == {"method": "lucene", "k1": 1.5, "b": 0.75}
    assert {named(index, name) for name in files(index)} == {POINTER, MANIFEST, *manifest.files}
    assert verify(index) == []


def test_the_pointer_is_a_line_of_sha256sum(index: Path) -> None:
    expected, _, path = (index / POINTER).read_text().removesuffix("\n").partition("  ")
    assert hashlib.sha256((index / path).read_bytes()).hexdigest() == expected


def test_one_flipped_bit_is_found_in_every_file_and_the_file_named(index: Path) -> None:
    whole = files(index)
    assert len(whole) > 8
    for name, raw in whole.items():
        for place in {0, len(raw) // 2, len(raw) - 1}:
            (index / name).write_bytes(raw[:place] + bytes([raw[place] ^ 4]) + raw[place + 1 :])
            with pytest.raises(IndexDamaged, match="parkqa build") as caught:
                open_index(index)
            assert caught.value.file == named(index, name)
            assert [str(error) for error in verify(index)] == [str(caught.value)]
        (index / name).write_bytes(raw)
    assert verify(index) == []


@pytest.mark.slow
@pytest.mark.parametrize("place", range(0, 64 + 2 + 9 + 16 + 15, 5))
def test_every_character_of_the_pointer_is_watched(index: Path, place: int) -> None:
    raw = (index / POINTER).read_bytes()
    for bit in range(8):
        (index / POINTER).write_bytes(raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :])
        with pytest.raises(IndexDamaged) as caught:
            read_manifest(index)
        assert caught.value.file == POINTER


def test_a_missing_or_cut_file_is_named(index: Path) -> None:
    for name, raw in files(index).items():
        (index / name).unlink()
        with pytest.raises((IndexDamaged, IndexMissing), match="parkqa build") as caught:
            open_index(index)
        assert name == POINTER or caught.value.file == named(index, name)
        (index / name).write_bytes(raw[:-1])
        with pytest.raises(IndexDamaged) as caught:
            open_index(index)
        assert caught.value.file == named(index, name)
        (index / name).write_bytes(raw)


def test_all_faults_are_listed_and_the_readable_ones_apart_from_the_others(index: Path) -> None:
    folder = version(index)
    (folder / "passages.faiss").write_bytes(b"")
    (folder / "documents.jsonl").unlink()
    (folder / "keys.npy").unlink()
    (folder / "keys.npy").mkdir()
    assert [error.en for error in verify(index)] == [
        "The index file documents.jsonl is missing. Run parkqa build to rebuild it.",
        "The index file keys.npy cannot be read (Is a directory). Run parkqa build to rebuild it.",
        "The index file passages.faiss was altered. Run parkqa build to rebuild it.",
    ]


@pytest.mark.parametrize("folder", ["index", "elsewhere/index"])
def test_where_nothing_was_built_the_cure_is_named(tmp_path: Path, folder: str) -> None:
    (tmp_path / "index").mkdir()
    with pytest.raises(IndexMissing, match="parkqa build"):
        open_index(tmp_path / folder)
    (error,) = verify(tmp_path / folder)
    assert isinstance(error, IndexMissing)


@pytest.mark.parametrize("values", [{"format": FORMAT + 1}, {"format": 0}, {"format": None}, {"novelty": 1}])
def test_another_format_is_refused(index: Path, values: dict[str, object]) -> None:
    rewrite(index, **values)
    with pytest.raises(IndexMismatch, match="parkqa build"):
        open_index(index)
    assert [type(error) for error in verify(index)] == [IndexMismatch]


def test_another_model_is_refused_and_both_are_named(index: Path) -> None:
    assert open_index(index, "stub-1").manifest.encoder == "stub-1"
    with pytest.raises(IndexMismatch, match=r"stub-1.*stub-2.*parkqa build"):
        open_index(index, "stub-2")


def test_a_copied_index_works_elsewhere(index: Path, tmp_path: Path) -> None:
    shutil.copytree(index, tmp_path / "园区 副本")
    shutil.rmtree(index)
    copy = open_index(tmp_path / "园区 副本", "stub-1")
    vector = StubEncoder().encode_queries([f"0\n{OLD[0].splitlines()[1]}"])[0]
    assert copy.dense(vector, 1) == [(1, pytest.approx(1, abs=1e-6))]
    assert copy.lexical(["港"], 1)[0][0] == 2


def test_an_index_replaced_twice_while_it_is_read_is_read_again(index: Path) -> None:
    read = []

    def slow(folder: Path, manifest: Manifest) -> tuple[str, ...]:
        read.append(folder.name)
        if len(read) == 1:
            build(index, NEW)
            build(index, [*NEW, "又一份资料。"])
        if not folder.exists():
            raise IndexDamaged("gone", "不见了", "gone")
        return tuple(manifest.documents)

    assert steadily(index, slow) == ("0.md", "1.md", "2.md")
    assert len(read) == 2
