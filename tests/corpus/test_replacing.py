"""A file is put in place whole or not at all, and nothing stays behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from parkqa.corpus.replacing import replace_file


def test_a_file_is_made_and_replaced_with_its_folder(tmp_path: Path) -> None:
    place = tmp_path / "cache" / "a.json"
    for content in (b"1", b"2"):
        replace_file(place, lambda aside, content=content: aside.write_bytes(content))
        assert place.read_bytes() == content
    assert [*place.parent.iterdir()] == [place]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), SystemExit(143)])
def test_what_breaks_off_leaves_the_file_as_it_was(tmp_path: Path, error: BaseException) -> None:
    def broken(aside: Path) -> None:
        aside.write_bytes(b"half")
        raise error

    place = tmp_path / "a.json"
    place.write_bytes(b"1")
    with pytest.raises(type(error)):
        replace_file(place, broken)
    assert place.read_bytes() == b"1" and [*tmp_path.iterdir()] == [place]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError):
        replace_file(tmp_path / "file" / "a.json", lambda aside: aside.write_bytes(b"1"))
