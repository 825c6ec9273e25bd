"""What the three tools do: a JSON object in, a JSON object out. The protocol around them is in ``mcp.server``.

Answers are those of the REST API, key for key. Documents for staff only are in no index, so none of the tools sees one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from parkqa.engine import Engine
from parkqa.errors import BadQuestion, ParkqaError
from parkqa.query.request import read_request
from parkqa.types import Answer, Document
from parkqa.web.api.schemas import Answer as AnswerModel
from parkqa.web.api.schemas import Question

Json = dict[str, Any]
MOST_TEXT = 20_000
"""Maximum number of code points that one call of ``read_source`` returns; chosen by hand, a long chapter's worth."""
MOST_DOCUMENTS = 200
"""Maximum number of documents that one call of ``list_documents`` returns; chosen by hand."""


class Place(BaseModel):
    """读哪里 / What to read."""

    path: str = Field(description="资料的路径，即引文里的 document / path of the document, as `document` in a quote")
    start: int | None = Field(None, ge=0, description="起点，按 Unicode 码点 / where to begin, in code points")
    end: int | None = Field(None, ge=0, description="终点（不含） / where to end, exclusive")


class _Listed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    document: str = Field(description="资料在资料文件夹下的路径 / path of the document below the corpus folder")
    title: str = Field(description="资料的标题 / title of the document")
    sha256: str = Field(description="资料全文的 SHA-256 / SHA-256 of the document's text")
    length: int = Field(description="全文几个码点 / length of the text in code points")
    date: str | None = Field(description="资料的日期 / date of the document")
    valid_until: str | None = Field(description="有效期到哪天 / the day until which it is valid")
    translation_of: str | None = Field(description="译自哪份资料 / the document that it translates")
    also_in: list[str] = Field(description="还在哪些文件里一字不差 / other files with the same text")
    url: str | None = Field(description="网站上取来的：原网页 / of a fetched page: its address")


class Source(_Listed):
    """资料的一段，text 是全文的切片 / A part of a document; text is a slice of its text."""

    start: int = Field(description="text 的起点，按码点 / where text begins, in code points")
    end: int = Field(description="text 的终点（不含） / where text ends, exclusive")
    text: str = Field(description=f"资料原文，至多 {MOST_TEXT} 字 / the text itself, at most {MOST_TEXT} code points")
    recognized: list[tuple[int, int]] = Field(
        description="text 里由扫描件识别、可能有错字的部分，在资料里的起止"
        " / the parts of text that were recognised from scans and may hold wrong characters, as places in the document"
    )


class Page(BaseModel):
    """从第几份列起 / Where to go on."""

    offset: int = Field(0, ge=0, description="从第几份起（从 0 数） / the first to list, counted from 0")


class Documents(BaseModel):
    """全部资料，按路径排 / The documents, by path."""

    model_config = ConfigDict(extra="forbid")

    documents: list[_Listed] = Field(description=f"至多 {MOST_DOCUMENTS} 份 / at most {MOST_DOCUMENTS}")
    total: int = Field(description="一共几份 / how many there are")
    next: int | None = Field(description="还有的话，下次的 offset / offset of the rest; null at the end")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its name, what a program is told of it, the models of its arguments and result, and its work.

    ``run`` raises a ParkqaError for arguments that cannot be used.
    """

    name: str
    description: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    run: Callable[[Engine, Mapping[str, Any]], Json]


def ask(record: Callable[[Answer], None], engine: Engine, arguments: Mapping[str, Any]) -> Json:
    """Answer a question: the object of ``POST /api/ask``, refusals included. ``record`` is given the answer.

    Raises:
        BadQuestion: the arguments or the question cannot be used.
        StoreError: the index cannot be read.
    """
    asked = read_request(arguments)
    answer = engine.ask(asked.question, asked.history, literal=asked.literal, id=asked.id)
    record(answer)
    return answer.to_dict()


def read_source(engine: Engine, arguments: Mapping[str, Any]) -> Json:
    """Return a slice of a document, at most MOST_TEXT code points of it.

    Raises:
        ParkqaError: there is no such document or no such place in it.
        StoreError: the index cannot be read.
    """
    path = arguments.get("path")
    document = engine.documents.get(path) if isinstance(path, str) else None
    if document is None:
        raise ParkqaError(
            "没有这份资料；list_documents 列出有哪些。",
            "There is no such document; list_documents lists those there are.",
        )
    length = len(document.text)
    start, end = _number(arguments, "start", 0), _number(arguments, "end", length)
    if not start <= end <= length:
        raise ParkqaError(
            f"没有这一段：这份资料有 {length} 个码点，start 不能大于 end，end 不能大于 {length}。",
            f"There is no such place: the document has {length} code points, and start <= end <= {length} must hold.",
        )
    end = min(end, start + MOST_TEXT)
    recognized = [[max(a, start), min(b, end)] for a, b in document.recognized if a < end and b > start]
    return _listed(document) | {
        "start": start,
        "end": end,
        "text": document.text[start:end],
        "recognized": recognized,
    }


def list_documents(engine: Engine, arguments: Mapping[str, Any]) -> Json:
    """Return the documents from ``offset`` on, at most MOST_DOCUMENTS of them, by path.

    Raises:
        ParkqaError: the offset is no number.
        StoreError: the index cannot be read.
    """
    offset = _number(arguments, "offset", 0)
    paths = sorted(engine.documents)
    shown = paths[offset : offset + MOST_DOCUMENTS]
    after = offset + len(shown)
    return {
        "documents": [_listed(engine.documents[path]) for path in shown],
        "total": len(paths),
        "next": after if after < len(paths) else None,
    }


def _listed(document: Document) -> Json:
    return {
        "document": document.path,
        "title": document.title,
        "sha256": document.sha256,
        "length": len(document.text),
        "date": document.date,
        "valid_until": document.valid_until,
        "translation_of": document.translation_of,
        "also_in": list(document.also_in),
        "url": document.url,
    }


def _number(arguments: Mapping[str, Any], name: str, missing: int) -> int:
    value = arguments.get(name)
    if value is None:
        return missing
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadQuestion(f"{name} 应为 0 或更大的整数。", f"{name} must be a whole number, 0 or more.")
    return value


def tools(record: Callable[[Answer], None]) -> tuple[Tool, ...]:
    """Return the tools, in the order in which they are listed; ``record`` is given every answer."""
    return (
        Tool(
            "ask",
            "问园区的资料：答案是资料原文的引文，带出处和起止；资料里没有的，refused 为 true，missing 说没有提到什么。"
            " / Ask the park's documents. Answers are word-for-word quotes with their document, heading and offsets;"
            " what the documents do not say is refused (refused is true, missing names what they do not mention).",
            Question,
            AnswerModel,
            partial(ask, record),
        ),
        Tool(
            "read_source",
            "读一份资料的原文，或其中一段。 / Read a document's text, or a part of it.",
            Place,
            Source,
            read_source,
        ),
        Tool("list_documents", "列出全部资料。 / List the documents.", Page, Documents, list_documents),
    )
