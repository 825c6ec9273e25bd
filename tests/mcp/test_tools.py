"""The tools through the SDK's own client, in memory; it checks every result against the schema that is published."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError

from engines import KEYS, QUOTE_KEYS, corpus, opened
from parkqa.engine import Engine
from parkqa.errors import IndexMissing
from parkqa.journal import entries
from parkqa.journal.recorder import Recorder
from parkqa.mcp import tools
from parkqa.mcp.server import create_server
from parkqa.web.responses import UNEXPECTED
from parkqa.web.serving.loader import Loader

FOUNDED = "园区什么时候成立的？"


def loaded(engine: Engine) -> Loader:
    loader = Loader(lambda: engine)
    loader.load()
    return loader


def call(loader: Loader, name: str, arguments: dict[str, Any], recorder: Recorder | None = None) -> Any:
    async def called() -> Any:
        async with Client(create_server(loader, 2, recorder)) as client:
            await client.list_tools()  # so that the client knows the schemas of the results
            return await client.call_tool(name, arguments)

    return asyncio.run(called())


def given(loader: Loader, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what a call gives; its text is the same object."""
    result = call(loader, name, arguments)
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    content: dict[str, Any] = result.structured_content
    return content


def fault(loader: Loader, name: str, arguments: dict[str, Any]) -> str:
    """Return the sentence of a call that fails."""
    result = call(loader, name, arguments)
    assert result.is_error
    assert result.structured_content is None
    (said,) = result.content
    assert "\n" not in said.text
    assert " / " in said.text
    return str(said.text)


def test_the_tools_say_what_they_take_and_change_nothing(engine: Engine) -> None:
    async def listed() -> Any:
        async with Client(create_server(loaded(engine), 1)) as client:
            return (await client.list_tools()).tools, client.instructions

    found, instructions = asyncio.run(listed())
    assert [tool.name for tool in found] == ["ask", "read_source", "list_documents"]
    assert all(tool.annotations.read_only_hint and tool.output_schema for tool in found)
    assert [tool.input_schema.get("required") for tool in found] == [["question"], ["path"], None]
    assert "refused" in instructions


def test_ask_gives_the_answer_of_the_api(engine: Engine) -> None:
    answer = given(loaded(engine), "ask", {"question": FOUNDED})
    assert list(answer) == KEYS
    assert (answer["kind"], answer["refused"]) == ("answer", False)
    same = engine.ask(FOUNDED).to_dict()
    assert answer["quotes"] == json.loads(json.dumps(same["quotes"]))
    for quote in answer["quotes"]:
        assert list(quote) == QUOTE_KEYS
        document = engine.documents[quote["document"]]
        assert document.text[quote["start"] : quote["end"]] == quote["text"]
        assert quote["sha256"] == document.sha256
        assert all(quote["start"] <= a < b <= quote["end"] for a, b in quote["spans"])


def test_a_follow_up_is_understood_from_the_history(engine: Engine) -> None:
    history = ["靖江有哪些主导产业？"]
    answer = given(loaded(engine), "ask", {"question": "第三个呢？", "history": history})
    assert answer["understood"] == engine.ask("第三个呢？", history).understood
    assert answer["understood"] != given(loaded(engine), "ask", {"question": "第三个呢？"})["understood"]


def test_a_refusal_is_a_refusal_and_names_what_is_missing(engine: Engine) -> None:
    answer = given(loaded(engine), "ask", {"question": "苏州工业园区什么时候成立的？"})
    assert (answer["kind"], answer["refused"], answer["quotes"]) == ("refusal", True, [])
    assert answer["missing"]
    assert answer["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"question": " "},
        {"question": 7},
        {"question": "问" * 501},
        {"question": FOUNDED, "history": "园区"},
        {"question": FOUNDED, "literal": "ja"},
    ],
)
def test_a_question_that_cannot_be_asked_is_one_sentence(engine: Engine, arguments: dict[str, Any]) -> None:
    fault(loaded(engine), "ask", arguments)


def test_a_source_is_read_whole_or_in_part(engine: Engine) -> None:
    path, document = max(engine.documents.items(), key=lambda each: len(each[1].text))
    whole = given(loaded(engine), "read_source", {"path": path})
    assert whole["text"] == document.text[: tools.MOST_TEXT]
    assert (whole["sha256"], whole["length"]) == (document.sha256, len(document.text))
    part = given(loaded(engine), "read_source", {"path": path, "start": 10, "end": 30})
    assert (part["text"], part["start"], part["end"]) == (document.text[10:30], 10, 30)
    rest = given(loaded(engine), "read_source", {"path": path, "start": 10, "end": None})
    assert rest["text"] == document.text[10 : 10 + tools.MOST_TEXT]
    end = len(document.text)
    assert given(loaded(engine), "read_source", {"path": path, "start": end})["text"] == ""


def test_a_long_source_is_read_in_pieces(tmp_path: Path) -> None:
    engine = opened(corpus(tmp_path, 长_md="# 长\n\n" + "园区设有三个产业组团。𠮷\n\n" * 1600))
    text, read = engine.documents["长.md"].text, ""
    while len(read) < len(text):
        piece = given(loaded(engine), "read_source", {"path": "长.md", "start": len(read)})
        assert 0 < len(piece["text"]) <= tools.MOST_TEXT
        read += piece["text"]
        assert piece["end"] == len(read)
    assert read == text
    assert len(text) > tools.MOST_TEXT


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"path": "没有.md"},
        {"path": "../corpus/park.yaml"},
        {"path": "/etc/passwd"},
        {"path": 3},
        {"path": "一.md", "start": -1},
        {"path": "一.md", "start": 3, "end": 2},
        {"path": "一.md", "end": 10**30},
        {"path": "一.md", "start": True},
        {"path": "一.md", "start": "2"},
        {"path": "一.md", "start": 2.5},
    ],
)
def test_no_other_file_and_no_other_place_is_read(tmp_path: Path, arguments: dict[str, Any]) -> None:
    engine = opened(corpus(tmp_path, 一_md="# 一\n\n园区设有三个产业组团。\n"))
    assert str(tmp_path) not in fault(loaded(engine), "read_source", arguments)


def test_documents_are_listed_page_by_page(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "MOST_DOCUMENTS", 3)
    offset, listed = 0, []
    while offset is not None:
        page = given(loaded(engine), "list_documents", {"offset": offset})
        assert len(page["documents"]) <= 3
        assert page["total"] == len(engine.documents)
        listed += page["documents"]
        offset = page["next"]
    assert [each["document"] for each in listed] == sorted(engine.documents)
    assert all(each["length"] == len(engine.documents[each["document"]].text) for each in listed)
    assert given(loaded(engine), "list_documents", {"offset": 10**6})["documents"] == []
    fault(loaded(engine), "list_documents", {"offset": -1})


@pytest.mark.parametrize(
    ("park", "front"),
    [("documents:\n  底价.md:\n    staff_only: true\n", ""), ("", "---\nstaff_only: true\n---\n")],
    ids=["park.yaml", "front matter"],
)
def test_what_is_for_staff_only_is_found_by_no_tool(tmp_path: Path, park: str, front: str) -> None:
    secret = front + "# 底价\n\n3号楼的租金底价是每平方米每月18元。\n"
    loader = loaded(
        opened(
            corpus(tmp_path, 底价_md=secret, 租金_md="# 租金\n\n3号楼的租金面议，请联系招商中心。\n", park_yaml=park)
        )
    )
    assert [each["document"] for each in given(loader, "list_documents", {})["documents"]] == ["租金.md"]
    for path in ("底价.md", "./底价.md", "租金.md/../底价.md"):
        assert fault(loader, "read_source", {"path": path}) == fault(loader, "read_source", {"path": "没有.md"})
    answer = given(loader, "ask", {"question": "3号楼的租金底价是多少？"})
    assert "18元" not in json.dumps(answer, ensure_ascii=False)


def test_there_is_no_other_tool(engine: Engine) -> None:
    async def called() -> None:
        async with Client(create_server(loaded(engine), 1)) as client:
            with pytest.raises(MCPError, match="list_documents"):
                await client.call_tool("delete", {})

    asyncio.run(called())


def test_without_an_index_every_call_says_so_without_places() -> None:
    def load() -> Engine:
        raise IndexMissing("/srv/园区/index 没有索引。", "There is no index at /srv/park/index.")

    loader = Loader(load)
    loader.load()
    said = fault(loader, "ask", {"question": FOUNDED})
    assert "索引" in said
    assert "/srv" not in said


def test_a_crash_is_one_sentence(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("/srv/secret")

    monkeypatch.setattr(Engine, "ask", crash)
    assert fault(loaded(engine), "ask", {"question": FOUNDED}) == str(UNEXPECTED)


def test_what_is_asked_stands_in_the_journal(engine: Engine, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "journal.db", 30)
    recorder.start()
    result = call(loaded(engine), "ask", {"question": FOUNDED}, recorder)
    recorder.close()
    (entry,) = entries.read(tmp_path / "journal.db")
    assert (entry.id, entry.mode) == (result.structured_content["answer_id"], "api")
