"""The chat page, built from Gradio Blocks; ``render`` supplies its HTML and ``static/`` its behaviour.

The shell is in the page from the start and moves into its place among the Blocks when these have been drawn.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from typing import Any

# Gradio contacts two of its vendor's hosts unless this is set before it is imported; the hub's library likewise.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr
from fastapi import FastAPI
from markupsafe import escape
from starlette.middleware import Middleware

from parkqa.corpus.curation.park import Park
from parkqa.settings import Settings
from parkqa.web import assets, colours, render
from parkqa.web.languages import Tongue
from parkqa.web.pages import gradio_downloads
from parkqa.web.pages.gradio_head import HeadMiddleware, Start
from parkqa.web.responses import SENTENCES, on_crash, on_http_error

Suggestions = Callable[[], render.Suggested | None]
_FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans HAN SC", "sans-serif")

SEEN = 6
"""How many suggestions a visitor sees at the start, as chat.css has it; the others come at the next visits."""
# Short enough for one line in the widget's frame: Gradio sizes the box by its initial content.
_PLACEHOLDER = "请输入问题 · Ask a question"


def app(
    park: Callable[[], Park],
    settings: Settings,
    suggested: Suggestions,
    *,
    recorded: bool = False,
) -> FastAPI:
    """Return an app that serves the chat page at ``/chat/``.

    ``park`` returns the park at present, for name, logo and colour and whether it takes messages; ``suggested`` the
    questions suggested at present, None before the engine is ready; ``recorded`` adds the notice that questions are
    recorded.

    No Gradio event reaches its server once the page is rendered, so none of Gradio's routes that accept values needs
    to be open, and there is no event stream that could break. As a side effect, Gradio's own downloads are disabled
    for the whole process (``gradio_downloads``).
    """
    gradio_downloads.shut()

    visits = count()

    def shell(reader: Tongue, invited: bool) -> str:
        others = turned(suggested(), next(visits) * SEEN)
        at = park()
        return render.shell(
            at,
            settings.root_path,
            recorded=recorded,
            reader=reader,
            suggested=others,
            invited=invited,
            messages=at.messages,
        )

    def start() -> Start:
        at = park()
        blocks.config["title"] = _title(at)  # Gradio's script sets it once more when it has drawn the page
        return Start(_title(at), _head(settings.root_path, at, settings.event_reset_seconds), shell)

    blocks = _blocks(park())
    outer = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    gr.mount_gradio_app(outer, blocks, path="/chat", **_options(start))
    return outer


def turned(suggested: render.Suggested | None, by: int) -> render.Suggested | None:
    """Return the suggestions begun with the ``by``-th, counted on and on, so that each visit sees others.

    Where a visitor sees all of them anyway, they stay in the order that the park has given them.

    >>> turned(render.Suggested(tuple("abcdefg"), ("x", "y")), 8)
    Suggested(zh=('b', 'c', 'd', 'e', 'f', 'g', 'a'), en=('x', 'y'))
    """
    if suggested is None:
        return None
    sides = ((side, by % len(side) if len(side) > SEEN else 0) for side in (suggested.zh, suggested.en))
    return render.Suggested(*(side[first:] + side[:first] for side, first in sides))


def _blocks(park: Park) -> gr.Blocks:
    """The components: a place for the shell, which the page already has, and the box to ask in.

    They have no events: the page's script sends the text as it stands in the box at that moment (``typing.js``).
    """
    page: gr.Blocks
    with gr.Blocks(title=_title(park), analytics_enabled=False, fill_height=True, fill_width=True) as page:
        gr.HTML("<div></div>", elem_id="pq-place", apply_default_css=False, js_on_load=None)
        with gr.Row(elem_id="pq-ask"):
            gr.Textbox(
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
            gr.Button("发送", elem_id="pq-send", variant="primary", scale=0, min_width=96)
    page.queue(api_open=False)
    return page


def _title(park: Park) -> str:
    return f"{park.name} 问答"


def _head(root: str, park: Park, reset: int) -> str:
    """Return what stands first in the page's head; ``reset`` is the stand's reset time in seconds.

    ``interactive-widget`` has a phone's keyboard make the page smaller instead of covering it.
    """
    viewport = "width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
    about = escape(park.description or f"{park.name}：从园区资料里逐字引用原文，回答您的问题。")
    return (
        f'<meta charset="utf-8"><meta name="viewport" content="{viewport}">'
        f'<meta name="description" content="{about}"><meta property="og:type" content="website">'
        f'<meta property="og:title" content="{escape(_title(park))}"><meta property="og:description" content="{about}">'
        f'<link rel="icon" href="{root}/favicon.svg" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{assets.address("page.css", root)}">'
        f"<style>{colours.style(park.colour)}</style>"
        f'<script defer src="{assets.address("page.js", root)}" data-root="{root}" data-reset="{reset}"'
        f' data-stand-js="{assets.address("stand.js", root)}"'
        f' data-stand-css="{assets.address("stand.css", root)}"></script>'
    )


def _options(start: Callable[[], Start]) -> dict[str, Any]:
    """Return the arguments of ``mount_gradio_app``."""
    return {
        "theme": gr.themes.Base(font=[*_FONTS], font_mono=["ui-monospace", "Consolas", "monospace"]),
        "footer_links": [],
        "run_history": False,
        "app_kwargs": {
            "openapi_url": None,
            "docs_url": None,
            "redoc_url": None,
            "middleware": [Middleware(HeadMiddleware, start=start)],
            "exception_handlers": {**dict.fromkeys(SENTENCES, on_http_error), Exception: on_crash},
        },
        "ssr_mode": False,
        "show_error": False,
        "enable_monitoring": False,
    }
