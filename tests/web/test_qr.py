"""The code beside an answer, read again by a decoder: the quote is a slice, a link leads to its source."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from parkqa.types import Quote
from parkqa.web.qr import CARRIED, SOURCE, blocks, carried, quote_code, svg, window

WHERE = "园区介绍（2024） › 大事记"
SENTENCE = "园区的第%d句话说了一件事情,后面还有一些字。"
WORDS = st.text(st.sampled_from("园区船,。；、\n a.·“”"), min_size=1, max_size=700)


def quote(text: str, *spans: tuple[int, int], start: int = 0) -> Quote:
    marks = tuple((start + first, start + last) for first, last in spans or ((0, len(text)),))
    return Quote(
        text=text,
        document="a.md",
        title="园区介绍",
        start=start,
        end=start + len(text),
        sha256="0" * 64,
        heading="大事记",
        page=None,
        score=1.0,
        spans=marks,
        translation=None,
        also_in=(),
        valid_until=None,
    )


def decoded(drawing: str) -> str:
    """Draw the SVG, one path of horizontal strokes as segno makes it, and read it as a phone would."""
    root = ElementTree.fromstring(drawing)
    side = int(root.attrib["viewBox"].split()[2])
    strokes = next(path.attrib["d"] for path in root.iter() if path.attrib.get("stroke") == "#000")
    pixels = np.full((side, side), 255, np.uint8)
    x = y = 0.0
    for kind, numbers in re.findall(r"([Mmh])([^Mmh]*)", strokes):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if kind == "h":
            pixels[int(y), int(x) : int(x + values[0])] = 0
            x += values[0]
        else:
            x, y = (values[0], values[1]) if kind == "M" else (x + values[0], y + values[1])
    found = zxingcpp.read_barcodes(np.kron(pixels, np.ones((4, 4), np.uint8)))
    assert len(found) == 1
    return found[0].text


def test_a_short_quote_is_carried_whole_with_its_source() -> None:
    made = quote_code(quote("2003年8月29日,江阴经济开发区靖江园区正式成立。"), WHERE, "")
    assert not made.linked
    assert decoded(made.svg) == f"“2003年8月29日,江阴经济开发区靖江园区正式成立。”\n——{WHERE}"


def test_a_link_is_carried_where_there_is_one() -> None:
    link = "http://192.168.1.5:7860/source/%E5%9B%AD.md?v=0123456789abcdef&start=1&end=2&q=0123456789abcdef#quote"
    made = quote_code(quote("园区。"), WHERE, link)
    assert made.linked
    assert decoded(made.svg) == link


def test_a_link_too_long_for_a_code_gives_way_to_the_quote() -> None:
    made = quote_code(quote("园区。"), WHERE, "http://a/" + "%E5" * 1000)
    assert not made.linked
    assert decoded(made.svg).startswith("“园区。”")


def test_a_long_quote_is_cut_after_a_sentence_and_says_so_outside() -> None:
    text = "".join(SENTENCE % number for number in range(20))
    whole = [text[:end] for end in (match.end() for match in re.finditer("。", text)) if end <= CARRIED]
    assert carried(quote(text, (0, 5)), WHERE) == f"“{whole[-1]}”……\n——{WHERE}"


def test_what_is_marked_is_carried_wherever_it_stands() -> None:
    text = "".join(SENTENCE % number for number in range(20))
    place = text.index("第17句话")
    held = carried(quote(text, (place, place + 5), start=1000), WHERE)
    assert held.startswith("……“园区的第17句话")
    assert held.endswith(f"。”\n——{WHERE}")


def test_a_sentence_of_too_many_words_is_cut_at_a_clause_or_where_it_must_be() -> None:
    clauses = "一二三四五六七八九," * 50
    start, end = window(quote(clauses, (0, 3)))
    assert (start, clauses[end - 1]) == (0, ",")
    assert window(quote("园" * 500, (0, 3))) == (0, CARRIED)


@given(WORDS, st.integers(0, 700), st.integers(0, 700), st.integers(0, 10**6))
def test_what_is_carried_is_a_slice_that_fits(text: str, one: int, other: int, start: int) -> None:
    first, last = sorted((min(one, len(text) - 1), min(other, len(text))))
    made = quote(text, (first, max(last, first + 1)), start=start)
    begin, end = window(made)
    assert 0 <= begin < end <= len(text)
    assert end - begin <= CARRIED
    assert begin <= first
    assert end > first
    assert text[begin:end] in carried(made, WHERE)


def test_a_long_source_is_cut() -> None:
    assert carried(quote("园区。"), "标题" * 200).split("——")[1] == ("标题" * 200)[: SOURCE - 1] + "…"


def test_the_largest_code_can_be_read_from_the_size_it_has_on_the_screen() -> None:
    text = carried(quote("园" * 500, (0, 3)), "标题" * 200)
    drawing = svg(text)
    assert decoded(drawing) == text
    # 372 pixels of a screen of 1080 lines: at least 3 for a module.
    assert int(re.findall(r'viewBox="0 0 (\d+)', drawing)[0]) * 3 <= 372


@pytest.mark.parametrize("text", ["http://192.168.1.5:7860/chat/", "http://10.0.0.2:80/park/chat/"])
def test_the_code_of_a_terminal_is_read_too(text: str) -> None:
    halves = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
    lines = blocks(text).splitlines()
    pixels = np.array([[halves[sign][half] for sign in line] for line in lines for half in (0, 1)], np.uint8)
    assert [found.text for found in zxingcpp.read_barcodes(np.kron(pixels, np.ones((5, 5), np.uint8)))] == [text]
