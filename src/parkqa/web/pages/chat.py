"""The chat page, built from Gradio Blocks; ``render`` supplies its HTML and ``static/chat.js`` its behaviour."""

from __future__ import annotations

import os
from typing import Any

# Gradio contacts two of its vendor's hosts unless this is set before it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from fastapi import FastAPI
from starlette.middleware import Middleware

from parkqa.corpus.curation.park import Park
from parkqa.settings import Settings
from parkqa.web import render
from parkqa.web.pages import gradio_downloads
from parkqa.web.pages.gradio_head import HeadMiddleware
from parkqa.web.responses import SENTENCES, on_crash, on_http_error

_FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans HAN SC", "sans-serif")

# JavaScript for Enter and the send button: hand the text to the page's script; clear the box if it was accepted.
_SEND = "(text) => window.parkqaPage.ask(text, false) ? '' : text"
# Short enough for one line in the widget's frame: Gradio sizes the box by its initial content.
_PLACEHOLDER = "请输入问题 · Ask a question"


def app(park: Park, settings: Settings, *, recorded: bool = False) -> FastAPI:
    """Return an app that serves the chat page at ``/chat/``.

    ``park`` supplies name and colour; ``recorded`` adds the notice that questions are recorded.

    No Gradio event reaches its server once the page is rendered, so none of Gradio's routes that accept values needs
    to be open, and there is no event stream that could break. As a side effect, Gradio's own downloads are disabled
    for the whole process (``gradio_downloads``).
    """
    gradio_downloads.shut()
    outer = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    options = _options(settings.root_path, park, settings.event_reset_seconds)
    gr.mount_gradio_app(outer, _blocks(park, recorded), path="/chat", **options)
    return outer


def _blocks(park: Park, recorded: bool) -> gr.Blocks:
    page: gr.Blocks
    with gr.Blocks(title=_title(park), analytics_enabled=False, fill_height=True, fill_width=True) as page:
        shell = render.shell(park, recorded=recorded)
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
        for event in (box.submit, send.click):
            event(None, box, box, js=_SEND, queue=False, show_progress="hidden", api_visibility="private")
    page.queue(api_open=False)
    return page


def _title(park: Park) -> str:
    return f"{park.name} 问答"


def _scripts(root: str, reset: int) -> str:
    """Return the page's script elements, in order: each uses those before it, and Gradio's events use all of them."""
    return (
        f'<script src="{root}/static/chat.js" data-root="{root}"></script>'
        f'<script src="{root}/static/frame.js"></script>'
        f'<script src="{root}/static/event.js" data-root="{root}" data-reset="{reset}"></script>'
    )


def _options(root: str, park: Park, reset: int) -> dict[str, Any]:
    """Return the arguments of ``mount_gradio_app``; ``reset`` is the stand's reset time in seconds."""
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
            "middleware": [Middleware(HeadMiddleware, title=_title(park), scripts=_scripts(root, reset))],
            "exception_handlers": {**dict.fromkeys(SENTENCES, on_http_error), Exception: on_crash},
        },
        "ssr_mode": False,
        "show_error": False,
        "enable_monitoring": False,
    }
