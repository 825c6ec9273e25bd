"""The chat page: hand-wired Gradio Blocks. What is drawn comes from ``render``; ``static/chat.js`` moves it about."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

# Gradio calls two hosts of its makers unless it is told not to before it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from fastapi import FastAPI
from starlette.middleware import Middleware

from parkqa.errors import Busy, ParkqaError
from parkqa.park import Park
from parkqa.question import HISTORY, read_object, read_request
from parkqa.recorder import Recorder
from parkqa.settings import Settings
from parkqa.types import Mode
from parkqa.web import render
from parkqa.web.head import Head
from parkqa.web.line import Line
from parkqa.web.ready import WAIT_SECONDS, Loader
from parkqa.web.reply import SENTENCES, UNEXPECTED, known, unexpected

Handler = Callable[[Any, Any], tuple[str, list[str]]]
SPARE = 16
"""Events that Gradio may handle beside those that wait in the line."""
_LOG = logging.getLogger("parkqa")
_FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")

# What the page's own script and Gradio's events call each other by.
_REGISTER = "window.parkqaPage.connect((request) => { props.value = request; trigger('click'); });"
_SEND = "(text) => { window.parkqaPage.ask(text, false); return ''; }"
_SHOW = "(reply) => window.parkqaPage.show(reply)"
_FAIL = "() => window.parkqaPage.fail()"
# One line even in the frame of a widget: Gradio sizes the box by what stands in it first.
_PLACEHOLDER = "请输入问题 · Ask a question"


def app(
    loader: Loader, park: Park, settings: Settings, recorder: Recorder | None = None, line: Line | None = None
) -> FastAPI:
    """Return an app that serves the page at ``/chat/``.

    ``park`` names it, ``loader`` answers, ``recorder`` records; questions wait in ``line``, which others may share.
    """
    outer = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    links = render.Links(settings.root_path, settings.public_url)
    line = line or Line(settings.concurrency, settings.queue)
    page = _blocks(loader, park, links, recorder, line)
    options = _options(settings.root_path, park, settings.event_reset_seconds)
    gr.mount_gradio_app(outer, page, path="/chat", **options)
    return outer


def _blocks(loader: Loader, park: Park, links: render.Links, recorder: Recorder | None, line: Line) -> gr.Blocks:
    page: gr.Blocks
    with gr.Blocks(title=_title(park), analytics_enabled=False, fill_height=True, fill_width=True) as page:
        shell = render.shell(park, recorded=recorder is not None)
        gr.HTML(shell, elem_id="pq-shell", apply_default_css=False, js_on_load=None)
        with gr.Row(elem_id="pq-ask"):
            box = gr.Textbox(
                placeholder=_PLACEHOLDER,
                show_label=False,
                label=_PLACEHOLDER,
                container=False,
                lines=1,
                max_lines=4,
                elem_id="pq-box",
                scale=1,
                html_attributes=gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="send"),
            )
            send = gr.Button("发送", elem_id="pq-send", variant="primary", scale=0, min_width=96)
        asker = gr.HTML("", html_template="", js_on_load=_REGISTER, elem_classes="pq-hidden")
        reply = gr.Textbox(visible=False)
        history = gr.State([])
        for event in (box.submit, send.click):
            event(None, box, box, js=_SEND, queue=False, show_progress="hidden")
        handle = in_line(answering(loader, links, recorder), line)
        asked = asker.click(
            handle,
            [asker, history],
            [reply, history],
            show_progress="hidden",
            concurrency_limit=None,
            api_visibility="private",
        )
        asked.then(None, reply, None, js=_SHOW)
        asked.failure(None, None, None, js=_FAIL)
    # Whoever comes is called at once and waits in our line, not in Gradio's: it says no in our own words.
    page.max_threads = line.places + SPARE
    page.queue(max_size=10 * page.max_threads, api_open=False)
    return page


def in_line(answer: Handler, line: Line) -> Callable[[Any, Any], Awaitable[tuple[str, Any]]]:
    """Return the handler to be called in turn; when every place is taken it says so at once. Never raises."""

    async def handle(raw: Any, earlier: Any) -> tuple[str, Any]:
        try:
            return await line.run(answer, raw, earlier)
        except Busy as error:
            return json.dumps({"html": render.notice(error)}, ensure_ascii=False), earlier

    return handle


def answering(loader: Loader, links: render.Links, recorder: Recorder | None = None) -> Handler:
    """Return the event handler: a request as JSON and the questions so far in, HTML as JSON and the questions out."""

    def handle(raw: Any, earlier: Any) -> tuple[str, list[str]]:
        message = read_object(raw) if isinstance(raw, str) else {}
        # What comes back from a browser is not to be relied on, Gradio's own state included.
        known = isinstance(earlier, list) and not message.get("fresh")
        past = [text for text in earlier if isinstance(text, str)][-HISTORY:] if known else []
        html, asked = _reply(loader, message, past, links, recorder)
        return json.dumps({"html": html}, ensure_ascii=False), [*past, *asked][-HISTORY:]

    return handle


def _reply(
    loader: Loader, message: dict[str, Any], past: list[str], links: render.Links, recorder: Recorder | None
) -> tuple[str, list[str]]:
    """The HTML of an answer, and the question where it becomes part of the conversation. Never raises."""
    try:
        request = read_request(message)
        engine = loader.engine(WAIT_SECONDS)
        answer = engine.ask(request.question, past, literal=request.literal)
        mode = _mode(message.get("mode"))
        if recorder:
            recorder.record(answer, mode, str(message.get("conversation") or "")[:64])
        judged, stand = recorder is not None, mode == "event"
        html = render.turn(answer, engine.park, engine.documents, links, judged=judged, stand=stand)
        return html, [answer.question]
    except ParkqaError as error:
        return render.notice(error), []
    except Exception:
        _LOG.exception("a question could not be answered")
        return render.notice(UNEXPECTED), []


def _mode(said: object) -> Mode:
    """How the page was opened (``?mode=``), as it says itself."""
    return "event" if said == "event" else "widget" if said == "widget" else "chat"


def _title(park: Park) -> str:
    return f"{park.name} 问答"


def _scripts(root: str, reset: int) -> str:
    """The page's own scripts; each builds on those before it, and Gradio's events on all of them."""
    return (
        f'<script src="{root}/static/chat.js" data-root="{root}"></script>'
        f'<script src="{root}/static/frame.js"></script>'
        f'<script src="{root}/static/event.js" data-root="{root}" data-reset="{reset}"></script>'
    )


def _options(root: str, park: Park, reset: int) -> dict[str, Any]:
    """What ``mount_gradio_app`` needs to know of the page's looks."""
    return {
        "theme": gr.themes.Base(font=[*_FONTS], font_mono=["ui-monospace", "Consolas", "monospace"]),
        "head": (
            '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
            f'<link rel="icon" href="{root}/favicon.svg" type="image/svg+xml">'
            f'<link rel="stylesheet" href="{root}/static/parkqa.css">'
            f'<link rel="stylesheet" href="{root}/static/event.css">'
        ),
        "css": f":root{{--pq-accent:{park.colour}}}",
        "footer_links": [],
        "run_history": False,
        "app_kwargs": {
            "openapi_url": None,
            "docs_url": None,
            "redoc_url": None,
            "middleware": [Middleware(Head, title=_title(park), scripts=_scripts(root, reset))],
            "exception_handlers": {**dict.fromkeys(SENTENCES, known), Exception: unexpected},
        },
        "ssr_mode": False,
        "show_error": False,
        "enable_monitoring": False,
    }
