"""The words of the keyboard on the page: each under its syllables, the frequent ones first."""

from __future__ import annotations

import re

import pytest

from parkqa.text.pronunciation import syllables
from parkqa.text.segmentation import dictionary
from parkqa.text.spelled_words import GENERAL, LONGEST, general, spelled


def entries(text: str) -> dict[str, list[tuple[str, int]]]:
    found = {}
    for line in text.splitlines():
        sound, _, words = line.partition("\t")
        parts = words.split(" ")
        found[sound] = [(word, int(count)) for word, count in zip(parts[::2], parts[1::2], strict=True)]
    return found


def test_words_that_sound_alike_stand_in_one_line_in_their_order() -> None:
    text = spelled([("元曲", 2), ("园区", 9), ("银行", 3), ("2号", 8), ("5G基站", 8), ("", 1)])
    assert entries(text) == {"yuan qu": [("元曲", 2), ("园区", 9)], "yin hang": [("银行", 3)]}
    assert spelled([]) == ""


@pytest.mark.slow
def test_the_general_words_are_the_most_frequent_of_the_dictionary() -> None:
    words = [entry for line in entries(general()).values() for entry in line]
    assert GENERAL - 50 < len(words) <= GENERAL  # a few have a character without a reading
    assert all(len(word) <= LONGEST for word, _ in words)
    rows = [line.split(" ") for line in dictionary().decode().splitlines()]
    counts = {word: int(count) for word, count, *_ in rows}
    assert all(counts[word] == count for word, count in words)
    taken, least = dict(words), min(count for _, count in words)
    frequent = [word for word, count in counts.items() if count > least and len(word) <= LONGEST]
    missed = [word for word in frequent if word not in taken and re.fullmatch("[一-龥]+", word)]
    assert all(not "".join(syllables(word)).isascii() for word in missed)
    for line in entries(general()).values():
        assert line == sorted(line, key=lambda entry: -entry[1])


@pytest.mark.slow
def test_each_character_of_a_word_has_one_syllable_in_small_letters() -> None:
    for sound, words in entries(general()).items():
        assert all(part.isascii() and part.islower() for part in sound.split(" ")), sound
        assert {len(word) for word, _ in words} == {len(sound.split(" "))}, sound
