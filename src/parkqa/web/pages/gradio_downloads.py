"""Disables Gradio's server-side downloads: Gradio fetches any URL it finds in a component's value.

This is a second line of defence: ``middleware.security`` already blocks every Gradio route that accepts values.
"""

from __future__ import annotations

from typing import NoReturn

import safehttpx
from gradio import processing_utils


class DownloadRefused(Exception):
    """Gradio tried to download a URL."""


def shut() -> None:
    """Make all of Gradio's server-side downloads raise DownloadRefused, for the whole process.

    Gradio's own functions are replaced because they create a folder before they download; all others use ``safehttpx``.
    """
    for name in ("async_ssrf_protected_get", "async_ssrf_protected_download"):
        setattr(processing_utils, name, _refuse_async)
    for name in ("ssrf_protected_download", "save_url_to_cache", "unsafe_download"):
        setattr(processing_utils, name, _refuse)
    for name in ("get", "async_validate_url"):
        setattr(safehttpx, name, _refuse_async)


def _refuse(*_: object, **__: object) -> NoReturn:
    raise DownloadRefused("parkqa fetches no address for Gradio")


async def _refuse_async(*_: object, **__: object) -> NoReturn:
    _refuse()
