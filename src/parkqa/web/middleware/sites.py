"""For which site a request was meant and from which it comes: the headers Host and Origin.

A web page that is open in a browser on this machine or in its network can send requests here. Under a name of its own
that it lets point here (DNS rebinding), it could read the answers too.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import psutil
from starlette.types import Scope

FRESH_SECONDS = 10.0
"""Seconds for which the list of this machine's addresses is kept; chosen by hand: networks come and go at a fair."""
READING = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing."""
_HOST = re.compile(r"(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::[0-9]{0,5})?", re.ASCII)
"""A Host as it may be, in lower case. Pages repeat it in links, where anything but a name and a port, such as
``localhost:80@evil.example``, would lead elsewhere."""


class Sites:
    """Knows the names of this server, and the sites that may post to it.

    ``public`` is the public URL or "", ``hosts`` are further names or addresses of the server ("*" for any), and the
    sites ``embed_origins`` may embed its pages.
    """

    def __init__(self, public: str = "", hosts: Sequence[str] = (), embed_origins: Sequence[str] = ()) -> None:
        self._public = netloc(public)
        self._any = "*" in hosts
        self._hosts = {name_of(self._public), *(name_of(host.lower()) for host in hosts)} - {""}
        self._origins = frozenset(embed_origins)
        self._addresses: frozenset[str] = frozenset()
        self._looked = -FRESH_SECONDS

    def is_ours(self, scope: Scope) -> bool:
        """Return whether the request is meant for this server; one without a Host, which no browser sends, counts."""
        host = _header(scope, b"host").lower()
        if host and not _HOST.fullmatch(host):
            return False
        name = name_of(host)
        if not host or self._any or name in self._hosts or _is_own_name(name):
            return True
        server = scope.get("server")
        return bool(server and name == server[0]) or self._is_own_address(name)

    def is_foreign(self, scope: Scope) -> bool:
        """Return whether the request would change something and was sent by the page of a site that may not do so.

        Scripts send no Origin. Browsers leave out Sec-Fetch-Site on plain-http addresses, so Origin is compared too.
        """
        origin, site = _header(scope, b"origin"), _header(scope, b"sec-fetch-site")
        if scope["method"] in READING or site == "same-origin" or origin in self._origins:
            return False
        if not origin:
            return site in ("cross-site", "same-site")
        return netloc(origin) not in {_without_default_port(_header(scope, b"host").lower()), self._public} - {""}

    def _is_own_address(self, name: str) -> bool:
        try:
            found = ipaddress.ip_address(name)
        except ValueError:
            return False
        if found.is_loopback:
            return True
        if time.monotonic() - self._looked >= FRESH_SECONDS:
            self._looked = time.monotonic()
            self._addresses = frozenset(
                entry.address.partition("%")[0] for entries in psutil.net_if_addrs().values() for entry in entries
            )
        return str(found) in self._addresses


def name_of(host: str) -> str:
    """Return the host of ``host[:port]`` without the brackets of an IPv6 address and without a final dot.

    >>> name_of("[::1]:7860"), name_of("park.example."), name_of("::1")
    ('::1', 'park.example', '::1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host if host.count(":") > 1 else host.partition(":")[0].removesuffix(".")


def _is_own_name(name: str) -> bool:
    """Whether a name is one that this machine gives itself; none is looked up."""
    full = socket.gethostname().lower()
    short = full.partition(".")[0]
    return name == "localhost" or name.endswith(".localhost") or name in (full, short, f"{short}.local")


def _header(scope: Scope, wanted: bytes) -> str:
    found: bytes = next((value for name, value in scope["headers"] if name == wanted), b"")
    return found.decode("latin-1").strip()


def netloc(url: str) -> str:
    """Return the ``host[:port]`` of a URL in lower case and without a default port; "" if it has none."""
    try:
        return _without_default_port(urlsplit(url).netloc.lower())
    except ValueError:
        return ""


def _without_default_port(host: str) -> str:
    return host.removesuffix(":443").removesuffix(":80")
