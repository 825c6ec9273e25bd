"""A small reverse proxy for tests, on a port of its own: it strips a path prefix or leaves it on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from served import served

HOP = {"connection", "keep-alive", "transfer-encoding", "host"}
"""Headers that hold for one leg of the way only."""


def proxy(upstream: str, prefix: str, *, strip: bool) -> Starlette:
    """Return an app that passes on what lies below ``prefix``, as it streams in; all else is 404."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(base_url=upstream, timeout=None, trust_env=False) as client:
            app.state.client = client
            yield

    async def passed(request: Request) -> Response:
        path = request.url.path
        if path == "/favicon.ico":  # the site's own, which Chromium asks for before Gradio's page names its icon
            return Response(status_code=204)
        if not path.startswith(f"{prefix}/"):
            return Response("not of the assistant", 404)
        url = httpx.URL(path=path.removeprefix(prefix) if strip else path, query=request.url.query.encode())
        headers = [(name, value) for name, value in request.headers.items() if name not in HOP]
        headers += [
            ("Host", request.headers["host"]),
            ("X-Forwarded-For", request.client.host if request.client else ""),
            ("X-Forwarded-Proto", request.url.scheme),
        ]
        client = request.app.state.client
        sent = client.build_request(request.method, url, headers=headers, content=await request.body())
        answer = await client.send(sent, stream=True)
        back = {name: value for name, value in answer.headers.items() if name not in HOP}
        return StreamingResponse(_all(answer), answer.status_code, back)

    return Starlette(routes=[Route("/{path:path}", passed, methods=["GET", "HEAD", "POST"])], lifespan=lifespan)


async def _all(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    finally:
        await answer.aclose()


@contextmanager
def proxied(upstream: str, prefix: str, *, strip: bool) -> Iterator[str]:
    """Run the proxy before ``upstream``; give its address, the prefix included."""
    with served(proxy(upstream, prefix, strip=strip)) as url:
        yield f"{url}{prefix}"
