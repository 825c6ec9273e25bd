"""Gradio fetches any address that it meets in a value; here it cannot.

No route of Gradio's that takes a value is open (see ``guard``). This is the second lock, for the day on which one is.
"""

from __future__ import annotations

from typing import NoReturn

import safehttpx
from gradio import processing_utils


class DownloadRefused(Exception):
    """Gradio was about to fetch an address."""


def shut() -> None:
    """Make every way by which Gradio's server side fetches an address raise DownloadRefused, for the whole process.

    Its own functions go first, since they make a folder before they fetch; all others end in ``safehttpx``.
    """
    for name in ("async_ssrf_protected_get", "async_ssrf_protected_download"):
        setattr(processing_utils, name, _refuse_later)
    for name in ("ssrf_protected_download", "save_url_to_cache", "unsafe_download"):
        setattr(processing_utils, name, _refuse)
    for name in ("get", "async_validate_url"):
        setattr(safehttpx, name, _refuse_later)


def _refuse(*_: object, **__: object) -> NoReturn:
    raise DownloadRefused("parkqa fetches no address for Gradio")


async def _refuse_later(*_: object, **__: object) -> NoReturn:
    _refuse()
