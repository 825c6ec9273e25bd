"""What helps to type a question: the questions known to have an answer, and the words of the keyboard on the page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.query.vocabulary import Vocabulary, sample
from parkqa.text.characters import HAN
from parkqa.text.folding import folded
from parkqa.text.pronunciation import syllables
from parkqa.text.spelled_words import general, spelled
from parkqa.web.languages import Tongue, chosen
from parkqa.web.pages.next_words import next_words
from parkqa.web.pages.page import language_of
from parkqa.web.paths import QUESTIONS, WORDS
from parkqa.web.responses import packed, reply
from parkqa.web.serving.loader import Loader

Value = TypeVar("Value")
PARK = 5_000
"""Largest number of words of the documents; chosen by hand. The 1,100 of the shipped park are 35 kB."""
ASKED = tuple(
    (
        "有没有 是不是 要不要 能不能 可不可以 在哪 在哪儿 在什么地方 什么地方 有什么 有哪些 有哪几家 "
        "有多少 有多大 有多少家 多大 多高 多远 多久 多少钱 多长时间 什么时间 什么时候 几点 几点开门 "
        "几楼 怎么走 怎么办 怎么申请 怎么联系 怎么收费 联系方式 联系电话 联系人 附近 周边 停车 "
        "停车场 停车费 食堂 地铁 地铁站 公交 公交车 高铁 高铁站 机场 班车 宿舍 租金 房租 物业费 "
        "水电费 招商 入驻 办公 办公室 厂房 土地 面积 政策 优惠 优惠政策 补贴 税收 企业家 员工 "
        "人才 营业执照 注册 审批 网址 官网 地图 门票 参观 预约"
    ).split()
)
"""Words of visitors' questions to a park that its documents need not have; chosen by hand, for the keyboard only."""
_TEXT = "text/plain; charset=utf-8"
_DAY = {"Cache-Control": "public, max-age=86400"}
_FRESH = {"Cache-Control": "no-store"}


def router(loader: Loader) -> APIRouter:
    """Return the routes ``/event/words/general``, ``/event/words/park``, ``/event/words/next`` and ``/ask/questions``.

    The words are lines as of ``text.spelled_words.spelled``, the last ones as of ``next_words.next_words``. The
    questions are ``{"questions": […]}``, each with ``question``, ``language``, ``group`` (the heading it belongs to)
    and ``sound`` (its syllables). The status is 200; before the engine is ready there are neither words of the park nor
    questions.
    """
    routes = APIRouter()
    of_park = {
        "park": OfEngine(loader, lambda engine: park_words(engine.vocabulary)),
        "next": OfEngine(loader, followers),
    }
    known = OfEngine(loader, _known)

    @routes.get(f"{WORDS}{{which}}")
    async def show(which: str, request: Request) -> Response:
        if which == "general":
            return await asyncio.to_thread(lambda: packed(request, general(), _TEXT, _DAY))
        if which in of_park:
            return packed(request, await of_park[which].value() or "", _TEXT, _FRESH)
        raise HTTPException(404)

    @routes.get(QUESTIONS)
    async def questions(request: Request) -> Response:
        reader = language_of(request)
        found = [_shown(each, reader) for each in await known.value() or ()]
        return reply({"questions": found}, headers=_FRESH)

    return routes


class OfEngine(Generic[Value]):
    """What is made of the engine's data in a thread, once for each engine."""

    def __init__(self, loader: Loader, make: Callable[[Engine], Value]) -> None:
        self._loader = loader
        self._make = make
        self._making = asyncio.Lock()
        self._made: tuple[Engine, Value] | None = None

    async def value(self) -> Value | None:
        """Return the value, None while the engine is not ready or its documents cannot be read."""
        try:
            engine = self._loader.engine()
            async with self._making:
                if self._made is None or self._made[0] is not engine:
                    self._made = engine, await asyncio.to_thread(self._make, engine)
            return self._made[1]
        except ParkqaError:
            return None


def park_words(vocabulary: Vocabulary) -> str:
    """Return the PARK most frequent words of the documents, and the usual words of questions, by pronunciation.

    The names of the park and the words of the glossary are among them. A word of questions is three times as
    frequent as any of the documents: visitors type it in every other question. A row of words that no dictionary has
    counts less: that it occurs once or twice is mostly chance.
    """
    known_word = vocabulary.segmenter.knows
    frequent = {
        word: 2 * count if known_word(word) else max(1, 2 * count - 3)
        for word, count in vocabulary.lexicon.words.most_common(PARK)
    }
    most = max(frequent.values(), default=1)
    known = {**dict.fromkeys(vocabulary.glossary.words, 1), **frequent}
    known |= dict.fromkeys((*ASKED, *vocabulary.lexicon.spoken.values()), 3 * most)
    known |= dict.fromkeys(re.findall(f"[{HAN}]+", " ".join(vocabulary.names)), most)
    return spelled(sorted(known.items(), key=lambda entry: -entry[1]))


def followers(engine: Engine) -> str:
    """Return which words follow which in the known questions and in the documents, as ``next_words`` has them."""
    texts = (passage.text for _, passage in sample(engine.store.passages))
    asked = [each.question for each in engine.known_questions() if each.language == "zh"]
    return next_words(engine.vocabulary, texts, asked)


def _shown(known: Mapping[str, str], reader: Tongue) -> dict[str, str]:
    """A question as the reader gets it: Chinese in Traditional where that is the page's."""
    page = reader if known["language"] == "zh" else "en"
    return {**known, **{name: chosen(known[name], known[name], page) for name in ("question", "group")}}


def _known(engine: Engine) -> list[Mapping[str, str]]:
    return [
        {
            "question": each.question,
            "language": each.language,
            "group": each.group,
            "sound": " ".join(syllables(_bare(each.question))) if each.language == "zh" else "",
        }
        for each in engine.known_questions()
    ]


def _bare(question: str) -> str:
    return "".join(filter(str.isalnum, folded(question)))
