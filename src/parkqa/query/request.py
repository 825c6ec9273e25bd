"""A question as it comes over the wire: the JSON request, what is taken, and how long it may be."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from parkqa.errors import BadQuestion

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


def usable(history: Sequence[str]) -> list[str]:
    """Return the last HISTORY of a conversation's earlier questions, checked; those that cannot be asked are left out.

    Nobody can mend an earlier question any more: one that is empty, too long or no text completes nothing.
    """
    kept = []
    for past in history[-HISTORY:]:
        with suppress(BadQuestion):
            kept.append(check(past))
    return kept


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
