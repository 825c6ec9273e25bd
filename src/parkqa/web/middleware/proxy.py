"""Restores the visitor's original request behind a reverse proxy; proxy headers are trusted from named proxies only."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from parkqa.web.middleware.sites import name_of

_LOG = logging.getLogger("parkqa")
Headers = list[tuple[bytes, bytes]]
DIRECT = "parkqa.direct"
"""Key of the scope that tells whether a request came from this machine itself, through no proxy that says so."""
_PASSED_ON = frozenset({b"forwarded", b"via", b"x-real-ip", b"true-client-ip", b"cf-connecting-ip", b"x-client-ip"})
"""Headers that proxies add, besides those that begin with ``x-forwarded``."""


class ProxyHeaders:
    """Outermost ASGI middleware: corrects client, scheme, host and path prefix, then removes the proxy headers.

    ``trusted`` lists the addresses or networks of proxies, or "*" for all. ``root`` is the path prefix as visitors see
    it; a proxy may keep or strip it. ``public`` is the public URL or ""; where it is set, its host and scheme hold, not
    those that a proxy names or lets through.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[str] = (), root: str = "", public: str = "") -> None:
        self._app = app
        self._root = root
        self._scheme, _, rest = public.partition("://")
        self._host = rest.partition("/")[0].lower().encode()
        self._trusting = ProxyHeadersMiddleware(self._strip_headers, _proxies(trusted))  # type: ignore[arg-type]
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Correct the request and pass it on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers: Headers = scope["headers"]
        client = scope.get("client")
        direct = client is not None and _is_loopback(client[0]) and not any(_was_passed_on(name) for name, _ in headers)
        if (client[0] if client else None) in self._trusting.trusted_hosts:
            headers = _with_forwarded_host(headers, self._host)
        elif not self._warned and any(name == b"x-forwarded-for" for name, _ in headers):
            self._warned = True
            _LOG.warning(
                "X-Forwarded-For 来自 %s，未被采信：它若是您的代理，请写进 PARKQA_TRUSTED_PROXIES。"
                " / X-Forwarded-For from %s is not believed: if that is your proxy, name it in PARKQA_TRUSTED_PROXIES.",
                *((client[0] if client else "?",) * 2),
            )
        scope = {**below(scope, self._root), "headers": headers, DIRECT: direct}
        await self._trusting(scope, receive, send)  # type: ignore[arg-type]

    async def _strip_headers(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Gradio trusts these headers from any client.
        headers = [(name, value) for name, value in scope["headers"] if not _is_proxy_header(name)]
        scope = {**scope, "headers": headers}
        if self._host and dict(headers).get(b"host", b"").lower() == self._host:
            scope["scheme"] = self._scheme
        await self._app(scope, receive, send)


def is_trusted(trusted: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that tells whether an address is that of a trusted proxy; ``trusted`` is as above."""
    hosts = ProxyHeadersMiddleware(_nothing, _proxies(trusted)).trusted_hosts  # type: ignore[arg-type]
    return lambda address: address in hosts


def is_local(scope: Scope) -> bool:
    """Return whether a request comes from this machine, straight to one of its loopback addresses.

    No browser speaks HTTP/1.0; nginx does where it is told nothing else, and then it adds no header either.
    """
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    name = name_of(host.strip().lower())
    return (
        bool(scope.get(DIRECT)) and scope.get("http_version") != "1.0" and (name == "localhost" or _is_loopback(name))
    )


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None: ...


def _proxies(trusted: Sequence[str]) -> str | list[str]:
    # uvicorn would take a "*" within a list for a host name.
    return "*" if "*" in trusted else list(trusted)


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def _was_passed_on(name: bytes) -> bool:
    return name in _PASSED_ON or name.startswith(b"x-forwarded")


def _is_proxy_header(name: bytes) -> bool:
    return name in (b"forwarded", b"x-gradio-server") or name.startswith(b"x-forwarded-")


def _with_forwarded_host(headers: Headers, public: bytes) -> Headers:
    """Return the headers with ``Host`` replaced if a proxy has sent X-Forwarded-Host: by the public host, if known."""
    named = next((value.split(b",")[0].strip() for name, value in headers if name == b"x-forwarded-host"), b"")
    host = public or named
    return [(b"host", host), *(pair for pair in headers if pair[0] != b"host")] if named else headers


def below(scope: Scope, root: str) -> Scope:
    """Return the scope with the prefix ``root`` on its path, whether the proxy has kept or stripped it."""
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or b""
    if root and path == root:
        path, raw = path + "/", raw + b"/"
    elif root and not path.startswith(f"{root}/"):
        path, raw = root + path, root.encode() + raw
    return {**scope, "path": path, "raw_path": raw, "root_path": root or scope.get("root_path", "")}
