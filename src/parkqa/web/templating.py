"""Fills the templates of all HTML of the web interface, except Gradio's own: Jinja2 with autoescaping."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from parkqa.web.languages import Tongue, chosen


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("parkqa.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(t=_in_language, in_variant=lambda text, reader: chosen(text, text, reader))
    return made


@pass_context
def _in_language(context: Context, zh: str, en: str) -> str:
    """The template function ``t``: words of ours in the language ``reader``, or else in both.

    Of two languages the style sheet shows the one that <html lang> names; the Chinese is that of ``chinese``.
    """
    if reader := context.get("reader"):
        return chosen(zh, en, reader)
    chinese: Tongue = context.get("chinese", "zh-CN")
    both = Markup('<span class="pq-t" lang="{}">{}</span><span class="pq-t" lang="en">{}</span>')
    return both.format(chinese, chosen(zh, en, chinese), en)


def render(template: str, **values: object) -> str:
    """Return a template of ``web/templates`` with values, of which only Markup is taken for HTML."""
    return _environment().get_template(template).render(**values)


def chinese_of(reader: Tongue) -> Tongue:
    """Return the Chinese of a page in both languages."""
    return "zh-TW" if reader == "zh-TW" else "zh-CN"
