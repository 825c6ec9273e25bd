"""docs/deploy: nginx takes the configuration and the chat works through it, systemd takes the unit."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from paths import ROOT
from programs import stub
from waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

DEPLOY = ROOT / "docs" / "deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
SYSTEMD = shutil.which("systemd-analyze")
WRAP = """daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ }}
http {{ access_log off; {paths}
{inner}
}}
"""
PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configured(folder: Path, inner: str) -> Path:
    paths = " ".join(f"{name}_temp_path {folder}/{name};" for name in PATHS)
    file = folder / "nginx.conf"
    file.write_text(WRAP.format(folder=folder, paths=paths, inner=inner), encoding="utf-8")
    return file


def certificate(folder: Path) -> None:
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ask.example.cn -keyout privkey.pem -out fullchain.pem"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)


def https(folder: Path, upstream: str, port: int) -> Path:
    """The snippet as it stands, but for certificate, ports and the address of the server."""
    certificate(folder)
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("/etc/ssl/parkqa", str(folder)).replace("127.0.0.1:7860", urlsplit(upstream).netloc)
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}").replace(
        "listen 80;", f"listen 127.0.0.1:{free_port()};"
    )
    return configured(folder, text)


def below_path(folder: Path, upstream: str, port: int, *, strip: bool) -> Path:
    text = (DEPLOY / "nginx-prefix.conf").read_text(encoding="utf-8")
    text = text.replace("127.0.0.1:7860/;", f"{urlsplit(upstream).netloc}{'/' if strip else ''};")
    return configured(folder, f"server {{ listen 127.0.0.1:{port}; {text} }}")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def nginx(file: Path, port: int) -> Iterator[None]:
    assert NGINX
    checked = subprocess.run([NGINX, "-t", "-p", file.parent, "-c", file], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    with subprocess.Popen([NGINX, "-p", file.parent, "-c", file], stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: _listens(port))
            yield
        finally:
            process.terminate()


@needs_nginx
@pytest.mark.browser
def test_the_chat_works_through_nginx_with_https(tmp_path: Path, browser: Browser) -> None:
    from playwright.sync_api import expect  # Here: only this test needs it.

    from browsers import BOX, DESKTOP, Seen, watched

    port = free_port()
    with (
        stub(tmp_path, trusted_proxies="127.0.0.1", rate="3/hour") as upstream,
        nginx(https(tmp_path, upstream, port), port),
    ):
        address = f"https://127.0.0.1:{port}"
        with watched(browser, DESKTOP, ignore_https_errors=True) as (page, seen):
            page.goto(f"{address}/")
            page.locator(".pq-hello [data-ask]:visible").first.wait_for()
            page.fill(BOX, "三大科创载体是什么？")
            page.press(BOX, "Enter")
            page.locator(".pq-turn .pq-card").first.wait_for()
            page.goto(f"{address}/embed")
            expect(page.locator("#line")).to_contain_text(f'src="{address}/widget.js"')
            assert seen == Seen()
        unchecked = ssl.create_default_context()
        unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
        # From an address that is no proxy's.
        visitor = httpx.HTTPTransport(verify=unchecked, local_address="127.0.0.2")
        with httpx.Client(base_url=address, transport=visitor, timeout=60) as client:
            assert client.get("/readyz").headers["strict-transport-security"] == "max-age=31536000"
            assert client.post("/api/ask", content=b"x" * 300_000).status_code == 413
            # What a visitor calls the server is not what its pages call it.
            mine = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
            config = client.get("/chat/config", headers=mine)
            assert config.json()["root"] == f"{address}/chat"
            assert config.headers["cache-control"] == "no-store"
            assert client.get("/chat/config", headers={"Host": "evil.example"}).status_code == 421
            # Who claims another address before the proxy is counted by the one that the proxy has seen.
            statuses = [
                client.post("/api/ask", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(4)
            ]
            assert statuses[-1] == 429


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server whose pages lie below /ask, whether its proxy takes that off or not."""
    with stub(tmp_path_factory.mktemp("below"), trusted_proxies="127.0.0.1", root_path="/ask") as url:
        yield url


@needs_nginx
@pytest.mark.parametrize("strip", [True, False])
def test_below_a_path_either_way(tmp_path: Path, below: str, strip: bool) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}/ask"
    with (
        nginx(below_path(tmp_path, below, port, strip=strip), port),
        httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client,
    ):
        page = client.get("/")
        assert str(page.url) == f"{address}/chat/"
        assert page.status_code == 200
        mine = {"X-Forwarded-Host": "evil.example"}
        assert client.get("/chat/config", headers=mine).json()["root"] == f"{address}/chat"
        assert client.get("/api/openapi.json").json()["servers"] == [{"url": address}]


@pytest.mark.skipif(SYSTEMD is None, reason="systemd is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    assert SYSTEMD
    unit = tmp_path / "parkqa.service"
    text = (DEPLOY / "parkqa.service").read_text(encoding="utf-8")
    # The program does not stand there on this machine.
    unit.write_text(text.replace("/opt/parkqa/.venv/bin/parkqa serve", "/bin/true"), encoding="utf-8")
    checked = subprocess.run([SYSTEMD, "verify", unit], check=False, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr.strip()) == (0, "")


def test_the_page_names_every_file_and_setting_that_there_is() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    for file in DEPLOY.iterdir():
        assert f"deploy/{file.name}" in page
    named = set(
        re.findall(r"PARKQA_[A-Z_]*[A-Z]", page + "".join(f.read_text(encoding="utf-8") for f in DEPLOY.iterdir()))
    )
    known = set(re.findall(r"PARKQA_[A-Z_]*[A-Z]", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))
    assert named <= known
