"""The chat page: hand-wired Gradio Blocks. What is drawn comes from ``render``; ``static/chat.js`` moves it about."""

from __future__ import annotations

import os
from typing import Any

# Gradio calls two hosts of its makers unless it is told not to before it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from fastapi import FastAPI
from starlette.middleware import Middleware

from parkqa.corpus.curation.park import Park
from parkqa.settings import Settings
from parkqa.web import render
from parkqa.web.pages import gradio_downloads
from parkqa.web.pages.gradio_head import Head
from parkqa.web.responses import SENTENCES, known, unexpected

_FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans HAN SC", "sans-serif")

# What Enter and the button do: the page's own script takes the question, or the box keeps it.
_SEND = "(text) => window.parkqaPage.ask(text, false) ? '' : text"
# One line even in the frame of a widget: Gradio sizes the box by what stands in it first.
_PLACEHOLDER = "请输入问题 · Ask a question"


def app(park: Park, settings: Settings, *, recorded: bool = False) -> FastAPI:
    """Return an app that serves the page at ``/chat/``: ``park`` names it, ``recorded`` says that questions are.

    Gradio's server has nothing to do for the page once it is drawn: no event calls it, so none of its routes that takes
    a value needs to be open, and no stream of its can break.
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
