"""Parsing and validation of requests: the JSON object of a question, its history, and the question itself.

Every interface (REST API, pages, command line) checks its input here, so that all apply the same limits.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from parkqa.errors import BadQuestion

LONGEST = 500
"""Largest number of code points in a question."""
SEEN = r"[^\s\x00-\x1f\x7f-\x9f\u200b\ufeff]"
"""What a question must hold: a character that can be seen. The pattern is one for Python, JavaScript and Rust."""
HISTORY = 20
"""Number of earlier questions that are used; older ones are ignored."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to answer a question; the arguments of ``Engine.ask`` before validation of their content."""

    question: str
    history: tuple[str, ...] = ()
    literal: bool = False
    id: str | int | float | None = None


def read_object(text: str | bytes) -> dict[str, Any]:
    """Parse a JSON object; anything else, including invalid JSON, gives an empty dict.

    >>> read_object('{"question": "园区在哪里"}'), read_object("[1]"), read_object("{")
    ({'question': '园区在哪里'}, {}, {})
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}


def read_request(raw: Mapping[str, Any]) -> Request:
    """Read a request from a parsed JSON object. The text of the question is validated later, by ``check``.

    Raises:
        BadQuestion: ``question`` is missing, a value has the wrong type, or a number is not valid in JSON (NaN,
            Infinity).

    >>> read_request({"question": "园区在哪里", "id": 7})
    Request(question='园区在哪里', history=(), literal=False, id=7)
    """
    try:
        json.dumps(raw, allow_nan=False)
    except (ValueError, RecursionError):
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


def usable(history: Sequence[str]) -> list[str]:
    """Return the last HISTORY earlier questions, each as ``check`` returns it; invalid ones are dropped.

    They are dropped rather than reported because the user cannot correct a question of the past.

    >>> usable(["园区在哪里？", "  "])
    ['园区在哪里？']
    """
    kept = []
    for past in history[-HISTORY:]:
        with suppress(BadQuestion):
            kept.append(check(past))
    return kept


def check(question: str) -> str:
    """Validate a question; return it without control characters and without white space at either end.

    Raises:
        BadQuestion: it is empty, longer than LONGEST code points, or contains unpaired surrogates.

    >>> check(" 园区\\n在哪里？ ")
    '园区 在哪里？'
    """
    if any(0xD800 <= ord(character) <= 0xDFFF for character in question):
        raise BadQuestion(
            "问题里有无法识别的字符，请重新输入。",
            "The question holds characters that are not text; please type it again.",
        )
    clean = "".join(" " if c in "\n\r\t" else c for c in question if c in "\n\r\t" or unicodedata.category(c) != "Cc")
    if not re.search(SEEN, clean):
        raise BadQuestion("请输入问题。", "Please type a question.")
    if len(clean) > LONGEST:
        raise BadQuestion(
            f"问题太长了，请缩短到 {LONGEST} 个字以内。",
            f"The question is too long; please keep it within {LONGEST} characters.",
        )
    return clean.strip()
