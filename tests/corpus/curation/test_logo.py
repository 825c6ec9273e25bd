"""The logo of park.yaml: a small picture and nothing else, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from parkqa.corpus.curation.logo import LARGEST, SIDE, logo_of, read_logo
from parkqa.corpus.curation.park import load_park
from parkqa.corpus.documents import read_corpus
from parkqa.corpus.readers.draft import Unreadable
from parkqa.errors import ParkFileError
from pictures import picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("kind", "suffix", "media"),
    [("PNG", ".png", "image/png"), ("JPEG", ".jpg", "image/jpeg"), ("WEBP", ".webp", "image/webp")],
)
def test_the_three_kinds_are_told_by_their_bytes(kind: str, suffix: str, media: str) -> None:
    found = logo_of(picture(kind))
    assert (found.suffix, found.media, found.content) == (suffix, media, picture(kind))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        SVG,
        picture("GIF"),
        picture("BMP"),
        picture("PNG")[:-40],
        picture("PNG", (SIDE + 1, 8)),
        picture("PNG") + b"x" * LARGEST,
        picture("WEBP", frames=2),
    ],
    ids=["empty", "svg", "gif", "bmp", "torn", "wide", "heavy", "moving"],
)
def test_anything_else_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        logo_of(content)
    assert caught.value.zh.startswith("标志应是 PNG、JPEG 或 WebP 图片，不超过 256 kB")


def test_a_file_that_is_not_in_the_corpus_is_none(tmp_path: Path) -> None:
    (tmp_path / "out.png").write_bytes(picture("PNG"))
    (tmp_path / "corpus").mkdir()
    for name in ("none.png", "../out.png", "x\0.png"):
        with pytest.raises(Unreadable):
            read_logo(tmp_path / "corpus", name)


def test_park_yaml_names_it_and_it_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "sign.png").write_bytes(picture("PNG"))
    (tmp_path / "park.yaml").write_text("name: 园区\nlogo: sign.png\n", encoding="utf-8")
    (tmp_path / "a.md").write_text("# 食堂\n\n在一楼。\n", encoding="utf-8")
    park = load_park(tmp_path)
    assert (park.logo, park.pictures) == ("sign.png", ("sign.png",))
    assert park.logo_version == logo_of(picture("PNG")).version
    read = read_corpus(tmp_path, left=park.pictures)
    assert (read.failed, read.notes, len(read.documents)) == ((), (), 1)


@pytest.mark.parametrize("line", ["logo: none.png", "logo: bad.png", "logo: 3", "logo_version: abc"])
def test_a_wrong_one_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "bad.png").write_bytes(SVG)
    (tmp_path / "park.yaml").write_text(f"name: 园区\n{line}\n", encoding="utf-8")
    with pytest.raises(ParkFileError) as caught:
        load_park(tmp_path)
    assert caught.value.line == 2
