"""The JSON schemas of the REST API and its OpenAPI document.

Descriptions, which include the docstrings of the models, are published: Chinese, then " / ", then English.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from parkqa import __version__
from parkqa.query.request import LONGEST, SEEN

Json = dict[str, Any]
_SHA256 = "9f2c1d0e8b7a6f5e4d3c2b1a09f8e7d6c5b4a3928170f6e5d4c3b2a1908f7e6d"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Question(BaseModel):
    """问题 / A question."""

    question: str = Field(
        max_length=LONGEST,
        pattern=SEEN,
        description=f"问题，至多 {LONGEST} 字 / the question, at most {LONGEST} characters",
    )
    history: list[str] | None = Field(None, description="此前的问题，从早到晚 / the earlier questions, oldest first")
    literal: bool | None = Field(None, description="true：不纠错、不补全 / true: repair and complete nothing")
    id: str | int | float | None = Field(None, description="原样送回 / given back as it came")


class Quote(_Strict):
    """一段引文，资料原文的一个切片 / A quote, a slice of its document."""

    text: str = Field(description="引文，是资料文字的一段 / the quote, a slice of the document's text")
    document: str = Field(description="资料在资料文件夹下的路径 / path of the document below the corpus folder")
    title: str = Field(description="资料的标题 / title of the document")
    start: int = Field(description="起点，按 Unicode 码点 / where it begins, in code points")
    end: int = Field(description="终点（不含） / where it ends, exclusive")
    sha256: str = Field(description="资料全文的 SHA-256 / SHA-256 of the document's text")
    heading: str = Field(description="所在的各级标题 / the headings it stands under")
    page: int | str | None = Field(description="第几页、第几张，或工作表名 / page or slide, or name of the sheet")
    score: float = Field(description="排序得分 / the score it was ranked by")
    spans: list[tuple[int, int]] = Field(
        min_length=1,
        description="真正回答问题的句子，在资料里的起止 / the sentences that answer, as places in the document",
    )
    answer: list[tuple[int, int]] = Field(
        min_length=1,
        description="其中回答问题的最短分句，在资料里的起止 / the shortest clauses of these with the answer",
    )
    translation: str | None = Field(description="参考译文 / the reference translation")
    also_in: list[str] = Field(description="还在哪些资料里一字不差 / other documents with the same text")
    valid_until: str | None = Field(description="有效期到哪天 / the day until which it is valid")
    count: int | None = Field(description="问的是清单时，共几项 / items of a list that was asked for")
    part: int | None = Field(
        description="一次问几件事时，回答的是第几件（从 1 起） / the part of the question that it answers, from 1"
    )
    recognized: bool = Field(
        description="文字由扫描件识别，可能有错字 / the text was recognised from a scan and may hold wrong characters"
    )


class Note(_Strict):
    """资料和问题、或两份资料之间不一样 / What the documents have otherwise than the question, or than each other."""

    kind: Literal["year", "number", "rank", "since", "version"] = Field(
        description="年份、数目、级别；问了多久而资料只有日期；另一日期的资料写得不同"
        " / a year, a count, a rank; asked how long ago, and only dated; a document of another date differs"
    )
    asked: str = Field(
        description="问题里的；version：先引用的较新（newer）还是较早（older）"
        " / the value in the question; of version, whether the newer or the older is quoted first"
    )
    found: str = Field(description="资料里的，逐字 / the value in the document, word for word")
    document: str = Field(description="资料在资料文件夹下的路径 / path of the document below the corpus folder")
    span: tuple[int, int] = Field(description="在资料里的起止 / where it stands in the document")


class Answer(_Strict):
    """答案，或拒答 / An answer, or the refusal to give one."""

    id: str | int | float | None = Field(description="请求里的 id / the id of the request")
    answer_id: str = Field(description="这个答案的编号，反馈时用 / number of this answer, for feedback")
    question: str = Field(description="问题原样 / the question as it came")
    understood: str = Field(description="按什么理解的 / how it was understood")
    repairs: list[tuple[str, str]] = Field(description="改正的字：[原来, 改成] / what was mended: [from, to]")
    kind: Literal["answer", "refusal", "smalltalk"] = Field(
        description="答案、拒答或寒暄 / answer, refusal or small talk"
    )
    refused: bool = Field(description="没有答案时为 true / true unless something is quoted as the answer")
    message: str = Field(description="固定用语，从不是引文 / our own fixed words, never a quotation")
    confidence: float = Field(
        ge=0, le=1, description="第一条引文回答了问题的概率 / probability that the first quote answers"
    )
    quotes: list[Quote] = Field(description="引文，最好的在前 / the quotes, best first")
    related: list[Quote] = Field(description="拒答时最接近的资料 / the nearest passages, only when refused")
    suggestions: list[str] = Field(description="还可以问什么 / what else can be asked")
    elapsed_ms: float = Field(description="用时，毫秒 / time it took, in milliseconds")
    missing: list[str] = Field(
        description="问题提到而资料里没有的 / what the question names and the documents do not, when refused"
    )
    notes: list[Note] = Field(description="问题里说的和引文不一样的地方 / where the quote differs from the question")
    parts: list[str] = Field(
        description="一次问几件事时，各是什么，按序各有一条引文 / the things asked at once, one quote for each in order"
    )


class Suggestions(_Strict):
    """建议的问题 / The questions to suggest."""

    ready: bool = Field(description="可以回答问题了没有 / whether questions can be answered")
    error: str = Field(description="还不能时的原因 / why not, where they cannot")
    suggestions: list[str] = Field(description="中文的 / the Chinese ones")
    suggestions_en: list[str] = Field(description="英文的 / the English ones")


class Feedback(BaseModel):
    """对一个答案的看法 / What is thought of an answer."""

    answer_id: str = Field(description="答案的编号 / number of the answer")
    liked: bool = Field(description="有用还是没用 / whether it was useful")
    reason: str | None = Field(None, description="原因，可不填 / the reason, if any")


class Recorded(_Strict):
    """记下了没有 / Whether it was recorded."""

    recorded: bool = Field(description="不记录问答时为 false / false where no journal is kept")


class Error(_Strict):
    """哪里不对，怎么办：中文一句，英文一句 / What is wrong and what to do: one sentence in Chinese, one in English."""

    error: str


MODELS: tuple[type[BaseModel], ...] = (Question, Answer, Quote, Note, Suggestions, Feedback, Recorded, Error)

_QUOTED = "园区设有三个产业组团。"
_ANSWER: Json = {
    "id": 1,
    "answer_id": "5f0c7d3e9a4b4c1f8e2d6a7b9c0d1e2f",
    "question": "园区有几个产业祖团？",
    "understood": "园区有几个产业组团?",
    "repairs": [["祖团", "组团"]],
    "kind": "answer",
    "refused": False,
    "message": "",
    "confidence": 0.97,
    "quotes": [
        {
            "text": _QUOTED,
            "document": "介绍.md",
            "title": "园区介绍",
            "start": 120,
            "end": 120 + len(_QUOTED),
            "sha256": _SHA256,
            "heading": "产业布局",
            "page": None,
            "score": 4.2,
            "spans": [[120, 120 + len(_QUOTED)]],
            "answer": [[120, 120 + len(_QUOTED) - 1]],
            "translation": None,
            "also_in": [],
            "valid_until": None,
            "count": None,
            "part": None,
            "recognized": False,
        }
    ],
    "related": [],
    "suggestions": ["园区什么时候成立的？"],
    "elapsed_ms": 212.5,
    "missing": [],
    "notes": [],
    "parts": [],
}
EXAMPLES: dict[str, Json] = {
    "Question": {"question": "园区有几个产业祖团？", "history": ["园区在哪里？"], "literal": False, "id": 1},
    "Answer": _ANSWER,
    "Suggestions": {
        "ready": True,
        "error": "",
        "suggestions": ["园区什么时候成立的？"],
        "suggestions_en": ["When was the park founded?"],
    },
    "Feedback": {"answer_id": _ANSWER["answer_id"], "liked": False, "reason": "不是最新的数字"},
    "Recorded": {"recorded": True},
}
"""Example body by name of the model, about a fictitious park."""

_WRONG = "请求不对，error 说明怎样改 / the request is wrong, error says how to mend it"
_LARGE = "请求超过 64 KB / the request is larger than 64 KB"
_OFTEN = "这个网络地址问得太快，见 Retry-After / too many requests from this address, see Retry-After"
_SITE = (
    "别的网站的网页不能提交，见 PARKQA_EMBED_ORIGINS / a page of another site may not post, see PARKQA_EMBED_ORIGINS"
)
_SLOW = "请求来得太慢 / the request came too slowly"
_HOST = "主机名不是本服务的，见 PARKQA_HOSTS / the service does not go by that name, see PARKQA_HOSTS"
_AWAY = "还没准备好，或现在人多：稍候再问 / not ready yet, or many are asking: ask again in a moment"


def openapi(server: str) -> Json:
    """Return the OpenAPI 3.1 document; ``server`` is the base URL of the paths."""
    _, components = models_json_schema(
        [(model, "validation") for model in MODELS], ref_template="#/components/schemas/{model}"
    )
    posts = {"422": _WRONG, "403": _SITE, "408": _SLOW, "413": _LARGE, "421": _HOST, "429": _OFTEN}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "parkqa",
            "version": __version__,
            "description": "园区问答：收发的都是 UTF-8 的 JSON / Answers about a park: JSON in UTF-8, both ways",
        },
        "servers": [{"url": server}],
        "paths": {
            "/api/ask": {
                "post": _operation("ask", "问一个问题 / Ask a question", "Answer", "Question", posts | {"503": _AWAY})
            },
            "/api/suggestions": {
                "get": _operation(
                    "suggestions", "建议的问题 / Questions to suggest", "Suggestions", errors={"421": _HOST}
                )
            },
            "/api/feedback": {
                "post": _operation(
                    "feedback", "反馈有用没用 / Say whether an answer was useful", "Recorded", "Feedback", posts
                )
            },
        },
        "components": {"schemas": components["$defs"]},
    }


def _operation(name: str, summary: str, answer: str, request: str = "", errors: dict[str, str] | None = None) -> Json:
    refused = {status: {"description": why, "content": _json("Error")} for status, why in (errors or {}).items()}
    body = {"requestBody": {"required": True, "content": _json(request)}} if request else {}
    done = {"200": {"description": "成功 / done", "content": _json(answer)}}
    return {"operationId": name, "summary": summary, **body, "responses": done | refused}


def _json(model: str) -> Json:
    example = {"example": EXAMPLES[model]} if model in EXAMPLES else {}
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model}"}, **example}}
