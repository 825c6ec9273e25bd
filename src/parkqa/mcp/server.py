"""The tools as a server of the Model Context Protocol, whatever carries the messages."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from anyio import CapacityLimiter, to_thread
from mcp import types
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from parkqa import __version__
from parkqa.errors import ParkqaError
from parkqa.journal.recorder import Recorder
from parkqa.mcp.tools import Json, Tool, tools
from parkqa.types import Answer
from parkqa.web.responses import UNEXPECTED, told
from parkqa.web.serving.loader import Loader

_LOG = logging.getLogger("parkqa")
LOAD_SECONDS = 120.0
"""Seconds for which a call waits for the models and the index, which load when the server starts; chosen by hand."""
INSTRUCTIONS = (
    "引文（quotes[].text）是资料原文，请照原样引用并写明出处；refused 为 true 时资料里没有答案，"
    "related 只是相近的段落，请不要据此或凭自己的知识作答。"
    " / The quotes (quotes[].text) are the documents' own words: repeat them unchanged and name their source."
    " Where refused is true the documents do not answer; related holds passages that are merely near:"
    " do not answer from them or from what you know yourself."
)


def create_server(loader: Loader, at_once: int, recorder: Recorder | None = None) -> Server[Any]:
    """Return the server.

    Args:
        loader: supplies the engine; calls wait for it up to LOAD_SECONDS.
        at_once: how many calls are worked on at once; the others wait.
        recorder: keeps the questions asked; None without a journal.
    """
    calls = _Calls(loader, at_once, recorder)
    return Server(
        "parkqa",
        version=__version__,
        title="园区问答 / parkqa",
        instructions=INSTRUCTIONS,
        on_list_tools=calls.describe,
        on_call_tool=calls.call,
    )


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.takes.model_json_schema(),
        output_schema=tool.gives.model_json_schema(),
        annotations=types.ToolAnnotations(read_only_hint=True, open_world_hint=False),
    )


class _Calls:
    """Runs the calls of tools in threads, a bounded number at once."""

    def __init__(self, loader: Loader, at_once: int, recorder: Recorder | None) -> None:
        self._loader = loader
        self._at_once = at_once
        self._tools = {tool.name: tool for tool in tools(partial(_record, recorder))}
        self._limiter: CapacityLimiter | None = None

    async def describe(self, _: object, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        """Describe the tools."""
        return types.ListToolsResult(tools=[_described(tool) for tool in self._tools.values()])

    async def call(self, _: object, params: types.CallToolRequestParams) -> types.CallToolResult:
        """Answer a call; what is wrong with it is a result of one sentence, marked as an error."""
        tool = self._tools.get(params.name)
        if tool is None:
            known = ", ".join(self._tools)
            raise MCPError(types.INVALID_PARAMS, f"没有这个工具，有：{known}。 / There is no such tool; use {known}.")
        self._limiter = self._limiter or CapacityLimiter(self._at_once)  # made in the event loop it belongs to
        work = partial(self._run, tool, params.arguments or {})
        try:
            return _result(await to_thread.run_sync(work, limiter=self._limiter))
        except ParkqaError as error:
            return _failed(told(error))
        except Exception:
            _LOG.exception("a call of %s failed", tool.name)
            return _failed(UNEXPECTED)

    def _run(self, tool: Tool, arguments: Mapping[str, Any]) -> Json:
        self._loader.engine(LOAD_SECONDS)
        return self._loader.answering(lambda engine: tool.run(engine, arguments))


def _record(recorder: Recorder | None, answer: Answer) -> None:
    if recorder:
        recorder.record(answer, "api")


def _result(content: Json) -> types.CallToolResult:
    """Return a result both ways: structured, and as text for clients that read nothing else."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    return types.CallToolResult(content=[types.TextContent(text=text)], structured_content=content)


def _failed(error: ParkqaError) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=str(error))], is_error=True)
