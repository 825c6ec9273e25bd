"""What the visitor meant: the question checked, folded, mended, completed, and its words widened by the glossary."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parkqa import followup, repair
from parkqa.errors import BadQuestion
from parkqa.glossary import Glossary, Match, matches
from parkqa.text import Segmenter, folded, language
from parkqa.types import Passage, Query
from parkqa.wording import EN_FUNCTION, YEAR, ZH_FUNCTION, asks_for, without_fillers

LONGEST = 500
"""Code points of the longest question that is taken."""
HISTORY = 20
"""Earlier questions that are looked at; older ones are left out."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question as it comes over the wire; ``id`` is given back as it came."""

    question: str
    history: tuple[str, ...] = ()
    literal: bool = False
    id: str | int | float | None = None


@dataclass(frozen=True, slots=True)
class Lore:
    """What is known of this corpus's words: how to cut them, how they sound, what else they are called."""

    segmenter: Segmenter
    lexicon: repair.Lexicon
    glossary: Glossary
    headings: frozenset[str]


def learn(passages: Sequence[Passage], glossary: Glossary, names: Iterable[str]) -> Lore:
    """Collect the lore of a corpus; ``names`` are the park's own, which are one word each."""
    names = [folded(name) for name in names]
    segmenter = Segmenter([*names, *glossary.words])
    texts = [folded(text) for passage in passages for text in (*passage.heading, passage.text)]
    lexicon = repair.lexicon([*texts, *glossary.words, *names], segmenter.cut, segmenter.knows)
    headings = frozenset(folded(heading) for passage in passages for heading in passage.heading)
    return Lore(segmenter, lexicon, glossary, headings)


def read_object(text: str | bytes) -> dict[str, Any]:
    """Read a JSON object; what is none gives an empty one."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}


def read_request(raw: Mapping[str, Any]) -> Request:
    """Read a request from its JSON object.

    Raises:
        BadQuestion: a key is missing or has a value of the wrong type, or a number is none that JSON knows.
    """
    try:
        json.dumps(raw, allow_nan=False)
    except ValueError:
        raise BadQuestion(
            "请求里有 JSON 没有的数（NaN、Infinity 或太大的数）。",
            "The request holds a number that JSON does not have: NaN, Infinity or one that is too large.",
        ) from None
    if not isinstance(raw.get("question"), str):
        raise BadQuestion(
            "请求应为 JSON 对象，并含文字 question。", "A JSON object with a text named question is expected."
        )
    history, literal, name = raw.get("history"), raw.get("literal"), raw.get("id")
    history = () if history is None else history
    if not isinstance(history, list | tuple) or not all(isinstance(earlier, str) for earlier in history):
        raise BadQuestion(
            "history 应为一组文字（此前的问题）。", "history must be a list of texts, the earlier questions."
        )
    if not isinstance(literal, bool | None) or not isinstance(name, str | int | float | None) or isinstance(name, bool):
        raise BadQuestion(
            "literal 应为 true 或 false，id 应为文字或数字。", "literal must be true or false, id a text or a number."
        )
    return Request(raw["question"], tuple(history), literal or False, name)


def check(question: str) -> str:
    """Return the question without control characters and outer blanks.

    Raises:
        BadQuestion: nothing is left, it is longer than LONGEST code points, or it is not valid Unicode.
    """
    if any(0xD800 <= ord(character) <= 0xDFFF for character in question):
        raise BadQuestion(
            "问题里有无法识别的字符，请重新输入。",
            "The question holds characters that are not text; please type it again.",
        )
    clean = "".join(" " if c in "\n\r\t" else c for c in question if c in "\n\r\t" or unicodedata.category(c) != "Cc")
    if not clean.strip(" \u3000\u200b\ufeff") or not clean.strip():
        raise BadQuestion("请输入问题。", "Please type a question.")
    if len(clean) > LONGEST:
        raise BadQuestion(
            f"问题太长了，请缩短到 {LONGEST} 个字以内。",
            f"The question is too long; please keep it within {LONGEST} characters.",
        )
    return clean.strip()


def understand(question: str, history: Sequence[str], lore: Lore, *, literal: bool = False) -> Query:
    """Work out what a checked question means; ``literal`` mends and completes nothing."""
    plain = folded(question)
    meant = plain
    repairs: repair.Repairs = ()
    if not literal:
        meant, repairs = repair.mend(plain, lore.lexicon)
        earlier = [repair.mend(folded(past), lore.lexicon)[0] for past in history]
        meant = followup.complete(meant, earlier, language(meant), lore.headings)
    search = without_fillers(meant)
    found = matches(search, lore.glossary)
    concepts = _concepts(search, found, lore.segmenter)
    words = dict.fromkeys(token for concept in concepts for word in concept for token in lore.segmenter.tokens(word))
    return Query(
        question=question,
        understood=question if meant == plain else meant,
        search=search,
        language=language(search),
        concepts=concepts,
        tokens=tuple(words),
        years=tuple(dict.fromkeys(YEAR.findall(search))),
        asks=asks_for(meant),
        repairs=repairs,
    )


def _concepts(search: str, found: Sequence[Match], segmenter: Segmenter) -> tuple[tuple[str, ...], ...]:
    """The content words of a folded question: what the glossary names, and between that, word by word."""
    concepts: list[tuple[str, ...]] = []
    position = 0
    for match in found:
        concepts += _words(search[position : match.start], segmenter)
        concepts.append(tuple(dict.fromkeys((search[match.start : match.end], *match.words))))
        position = match.end
    concepts += _words(search[position:], segmenter)
    return tuple(dict.fromkeys(concepts))


def _words(text: str, segmenter: Segmenter) -> list[tuple[str, ...]]:
    return [
        (word,)
        for word in segmenter.cut(text)
        if re.search(r"\w", word) and word not in ZH_FUNCTION and word not in EN_FUNCTION
    ]
