"""The page that Gradio serves: what it holds, what it asks for, and that Gradio's server can do nothing for anybody."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from markupsafe import escape
from starlette.testclient import TestClient

from engines import CORPUS
from parkqa.corpus.curation.park import Park
from parkqa.settings import load_settings
from parkqa.web import render
from parkqa.web.assets import address as asset_address

# Importing Gradio takes seconds; it leaves event loops open, see ``page``.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PARK = Park(name="</script><script>alert(1)</script>${x}{{y}} 园区", english_name='Park "&<b>', colour="#123456")
AT = {"present": PARK}
"""The park at present."""
SUGGESTED = render.Suggested(("甲？",), ("A?",))


@pytest.fixture(scope="module")
def page() -> Iterator[TestClient]:
    """The real page, in a park with a name of the worst kind, below a prefix."""
    from parkqa.web.pages import chat  # not above: Gradio takes seconds to import, in each process that collects tests

    below = load_settings(corpus=CORPUS, root_path="/park")
    # As in the server, in a thread of its own: the event loops that Gradio leaves open end with it, not in other tests.
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(chat.app, lambda: AT["present"], below, lambda: SUGGESTED).result()
    gc.collect()
    with TestClient(made) as client:
        yield client
    gc.collect()


def test_the_page_is_served_with_its_shell(page: TestClient) -> None:
    assert page.get("/chat/").status_code == 200
    html = page.get("/chat/").text
    assert render.shell(PARK, "/park", suggested=SUGGESTED) in html
    assert page.get("/chat/config").json()["title"] == f"{PARK.name} 问答"
    assert ":root{--pq-accent:#123456}" in html


def test_another_name_colour_and_logo_show_at_once(page: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    park = Park(name="新园区", colour="#654321", logo="a.png", logo_version="ab12", messages=True, contact="68123456")
    monkeypatch.setitem(AT, "present", park)
    html = page.get("/chat/").text
    assert render.shell(park, "/park", suggested=SUGGESTED, messages=True) in html
    assert "<head><title>新园区 问答</title>" in html
    assert '<meta property="og:title" content="新园区 问答">' in html
    assert ":root{--pq-accent:#654321}" in html
    assert page.get("/chat/config").json()["title"] == "新园区 问答"
    assert "${x}" not in html


def test_the_shell_has_its_place_among_the_blocks(page: TestClient) -> None:
    components = page.get("/chat/config").json()["components"]
    assert [(each["type"], each["props"].get("elem_id")) for each in components] == [
        ("html", "pq-place"),
        ("row", "pq-ask"),
        ("textbox", "pq-box"),
        ("button", "pq-send"),
    ]


@pytest.mark.parametrize(
    ("accept", "query", "language"),
    [("zh-CN", "", "zh-CN"), ("zh-HK", "", "zh-TW"), ("ja", "", "en"), ("zh-CN", "?lang=en", "en")],
)
def test_the_shell_is_in_the_readers_language(page: TestClient, accept: str, query: str, language: str) -> None:
    reply = page.get(f"/chat/{query}", headers={"accept-language": accept})
    assert re.search(rf'<html\s+lang="{language}"', reply.text)
    assert reply.headers["content-language"] == language
    assert reply.headers["vary"] == "Accept-Language, Accept-Encoding"
    assert ('lang="zh-TW"' in reply.text) == (language == "zh-TW")


def test_nothing_of_gradios_is_loaded_before_our_own_page_is_there(page: TestClient) -> None:
    html = page.get("/chat/").text
    before, later = html.split('<template id="pq-gradio">')
    kept, after = later.split("</template>")
    loads = r"<(?:script|link)\b[^>]*>"
    assert [re.findall(r'="([^"]*)"', tag) for tag in re.findall(loads, before)] == [
        ["icon", "/park/favicon.svg", "image/svg+xml"],
        ["stylesheet", asset_address("page.css", "/park")],
        [
            asset_address("page.js", "/park"),
            "/park",
            "60",
            asset_address("stand.js", "/park"),
            asset_address("stand.css", "/park"),
        ],
    ]
    assert re.findall(loads, after) == []
    assert "assets/index-" in kept and "window.gradio_config" in kept
    assert "iframeResizer.contentWindow" not in html


def test_the_page_asks_no_other_host(page: TestClient) -> None:
    html = page.get("/chat/").text
    config = page.get("/chat/config").json()
    assert re.findall(r"//[\w-]+\.[\w.-]+", html + json.dumps(config["stylesheets"])) == []
    assert not config["head"]
    assert not config["analytics_enabled"]
    assert "url(http" not in page.get("/chat/theme.css").text


def test_the_page_has_its_title_and_language_before_any_script_runs(page: TestClient) -> None:
    for headers in ({"accept-encoding": "identity"}, {"accept-encoding": "gzip, br"}):
        reply = page.get("/chat/", headers=headers)
        assert ("content-encoding" in reply.headers) == ("gzip" in headers["accept-encoding"])
        html = reply.text
        assert re.findall(r"<title>(.*?)</title>", html) == [str(escape(f"{PARK.name} 问答"))]
        assert re.search(r'<html\s+lang="zh-CN"', html)
        assert "Gradio" not in re.sub(r"<script\b.*?</script>", "", html, flags=re.DOTALL)
    assert page.head("/chat/").status_code == 200


def test_the_name_of_the_park_is_no_script(page: TestClient) -> None:
    assert "<script>alert(1)" not in page.get("/chat/").text


def test_nothing_is_offered_to_programs(page: TestClient) -> None:
    info = page.get("/chat/gradio_api/info").json()
    assert info["named_endpoints"] == info["unnamed_endpoints"] == {}


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "assets/nothing.js", 404),
        ("GET", "assets/%2e%2e/x", 403),
        ("GET", "gradio_api/queue/join", 405),
    ],
)
def test_what_gradio_refuses_is_a_sentence(page: TestClient, method: str, address: str, status: int) -> None:
    reply = page.request(method, f"/chat/{address}")
    assert reply.status_code == status
    assert list(reply.json()) == ["error"]


def test_no_event_of_the_page_calls_the_server(page: TestClient) -> None:
    config = page.get("/chat/config").json()
    assert [event["backend_fn"] for event in config["dependencies"]] == [False] * len(config["dependencies"])
    assert not config["connect_heartbeat"]


def nested(payload: dict[str, Any]) -> list[Any]:
    """The payload in every place that JSON has, and as a component's value."""
    inside: list[Any] = [payload, [payload], {"a": payload}, [{"a": [payload]}], {"value": payload}, {"path": payload}]
    return [*inside, [[[payload]]]]


def test_gradio_itself_fetches_no_address(page: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the guard, which lets no such request through, the second lock holds too."""
    asked: list[object] = []
    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, lambda *call, **_: asked.append(call))
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: asked.append(address))
    quiet = TestClient(page.app, raise_server_exceptions=False)
    file = {"path": "http://203.0.113.7/x", "url": "http://x.invalid/", "meta": {"_type": "gradio.FileData"}}
    for number in range(6):
        for payload in nested(file):
            join = {"data": [payload, payload], "fn_index": number, "session_hash": "s"}
            for address in ("queue/join", "run/predict", "api/predict", "call/predict"):
                quiet.post(f"/chat/gradio_api/{address}", json=join)
    quiet.get("/chat/gradio_api/file=http://203.0.113.7/x")
    quiet.get("/chat/gradio_api/proxy=http://203.0.113.7/x")
    assert asked == []


@pytest.mark.parametrize(
    "name", ["async_ssrf_protected_get", "async_ssrf_protected_download", "ssrf_protected_download", "unsafe_download"]
)
def test_each_way_to_download_raises(page: TestClient, name: str, tmp_path: Any) -> None:
    import safehttpx
    from gradio import processing_utils

    from parkqa.web.pages.gradio_downloads import DownloadRefused

    async def fetch() -> object:
        found = getattr(processing_utils, name)("http://203.0.113.7/x", str(tmp_path))
        return await found if asyncio.iscoroutine(found) else found

    with pytest.raises(DownloadRefused):
        asyncio.run(fetch())
    with pytest.raises(DownloadRefused):
        processing_utils.save_url_to_cache("http://203.0.113.7/x", str(tmp_path))
    with pytest.raises(DownloadRefused):
        asyncio.run(safehttpx.get("http://203.0.113.7/x"))
    assert list(tmp_path.iterdir()) == []
