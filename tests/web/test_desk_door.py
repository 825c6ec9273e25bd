"""Who may come in at the desk: nobody without a password, from here, with a live session, with its token."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desks import HERE, ME, PASSWORD, SHE, Browser, open_desk
from parkqa.web.desk import door
from parkqa.web.desk.door import COOKIE
from parkqa.web.middleware import security
from parkqa.web.middleware.proxy import is_local
from parkqa.web.paths import DESK_UPLOADS, UPLOAD_BYTES, UPLOAD_SECONDS
from parkqa.web.serving import connections

PAGES = (
    "/",
    "/document?name=租金.md",
    "/document/file?name=租金.md",
    "/document/page?name=租金.md",
    "/document/picture?name=租金.md",
    "/retired?name=x",
    "/publish",
    "/progress",
    "/words",
    "/trail",
    "/questions",
    "/question?id=x",
    "/why?q=x",
    "/report",
    "/report/page",
    "/report/lines",
    "/report/table",
    "/backup",
    "/machine",
    "/machine/progress",
    "/sites",
    "/sites/progress",
    "/settings",
    "/settings/glossary",
    "/settings/faq",
    "/settings/share",
    "/settings/logo/picture",
)
FORMS = (
    "/documents/read",
    *(f"/document/{deed}" for deed in ("describe", "rename", "retire", "bring-back", "drop")),
    *(f"/question/{deed}" for deed in ("answer", "synonym", "refuse", "draft")),
    *(f"/publish/{deed}" for deed in ("check", "publish", "discard", "back")),
    "/words",
    "/backup/download",
    "/machine",
    "/sites",
    "/settings",
    "/settings/try",
    "/settings/glossary",
    "/settings/faq",
    "/settings/logo/none",
    "/logout",
    "/language",
)


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Browser]:
    with open_desk(tmp_path) as browser:
        yield browser


@pytest.fixture
def inside(person: Browser) -> Browser:
    assert person.log_in().status_code == 303
    return person


def draft(browser: Browser) -> object:
    return browser.office.desk.shelf.state().draft


@pytest.mark.slow
def test_without_a_password_there_is_no_desk(tmp_path: Path) -> None:
    with open_desk(tmp_path) as person:
        person.office.desk.folder.accounts.unlink()
        for path in ("/", "/login", *PAGES):
            assert person.get(path).status_code == 404
        person.office.desk.accounts.set("小张", PASSWORD)
        assert person.get("/login").status_code == 200
        assert person.log_in("小张").status_code == 303


@pytest.mark.slow
def test_a_password_in_a_file_opens_it_too(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    with open_desk(tmp_path, desk_password_file=file) as person:
        assert person.log_in("desk").status_code == 303
        file.write_text("short\n", encoding="utf-8")
        reply = person.get("/")
        assert reply.status_code == 503
        assert "PARKQA_DESK_PASSWORD_FILE" in reply.json()["error"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headers", "peer"),
    [
        ({"x-forwarded-for": "10.0.0.1"}, HERE),
        ({"x-forwarded-proto": "https"}, HERE),
        ({"forwarded": "for=10.0.0.1"}, HERE),
        ({"via": "1.1 proxy"}, HERE),
        ({"x-real-ip": "10.0.0.1"}, HERE),
        ({"host": "park.example"}, HERE),
        ({"host": "192.168.1.5"}, HERE),
        ({}, ("192.168.1.5", 1)),
        ({"host": "localhost"}, ("192.168.1.5", 1)),
    ],
)
def test_from_elsewhere_there_is_none(inside: Browser, headers: dict[str, str], peer: tuple[str, int]) -> None:
    inside.client._transport.client = peer  # type: ignore[attr-defined]
    for path in ("/login", *PAGES):
        reply = inside.client.get(f"/desk{path}", headers=headers)
        assert reply.status_code in (404, 421)
        assert "csrf" not in reply.text
    for path in FORMS:
        assert inside.client.post(f"/desk{path}", headers=headers).status_code in (404, 421)


@pytest.mark.slow
@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost", "[::1]:7860", "127.0.0.2"])
def test_by_any_name_of_the_loopback_there_is(inside: Browser, host: str) -> None:
    assert inside.client.get("/desk/login", headers={"host": host}).status_code == 200


def test_a_trusted_proxy_does_not_make_its_visitors_local(tmp_path: Path) -> None:
    with open_desk(tmp_path, trusted_proxies=("127.0.0.1",)) as person:
        for forwarded in ("127.0.0.1", "10.0.0.1"):
            headers = {"x-forwarded-for": forwarded, "x-forwarded-host": "127.0.0.1"}
            assert person.client.get("/desk/login", headers=headers).status_code == 404


def test_a_public_desk_wants_https(tmp_path: Path) -> None:
    behind = {"desk_public": True, "trusted_proxies": ("127.0.0.1",), "public_url": "https://park.example"}
    with open_desk(tmp_path, **behind) as person:
        headers = {"x-forwarded-for": "10.0.0.1", "x-forwarded-proto": "https", "host": "park.example"}
        reply = person.client.get("/desk/login", headers=headers)
        assert reply.status_code == 200
        assert "secure" in reply.headers["set-cookie"].lower()
    with open_desk(tmp_path / "x", desk_public=True, hosts=("park.example",)) as person:
        reply = person.client.get("/desk/login", headers={"host": "park.example"})
        assert reply.status_code == 403
        assert "HTTPS" in reply.json()["error"]


def test_whoever_is_not_logged_in_is_sent_to_do_so(person: Browser) -> None:
    for path in PAGES:
        reply = person.get(path)
        assert (reply.status_code, reply.headers["location"]) == (303, "/desk/login")
    token = person.token()
    for path in FORMS:
        assert person.post(path, token).status_code == 403


def test_the_cookie_is_for_the_desk_alone(person: Browser) -> None:
    cookie = person.log_in().headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE)
    assert {part.strip() for part in cookie.split(";")} >= {"httponly", "samesite=strict", "path=/desk"}


def test_every_reply_is_strict_and_kept_by_nobody(inside: Browser) -> None:
    for path in ("/login", *PAGES, "/nothing"):
        headers = inside.get(path).headers
        assert headers["cache-control"] == "no-store"
        given = headers.get_list("content-security-policy")[0]
        assert "frame-ancestors 'none'" in given or given == "sandbox"
        assert "unsafe" not in given
    for path in (
        "/",
        "/document?name=租金.md",
        "/publish",
        "/words",
        "/trail",
        "/questions",
        "/why?q=租金",
        "/report",
        "/backup",
    ):
        page = inside.get(path).text
        assert not re.search(r"<style|<script(?![^>]* src=)|<[^>]+ (?:style|on[a-z]+)=|javascript:", page)
        assert '"allowEval": false' in page


@pytest.mark.slow
@pytest.mark.parametrize("path", FORMS)
def test_no_form_is_taken_without_its_token(inside: Browser, path: str) -> None:
    for token in ("", "x" * 43):
        assert inside.post(path, token, name="租金.md", seen=inside.office.seen("租金.md")).status_code == 403
    assert inside.client.post(f"/desk{path}", json={"csrf": inside.token()}).status_code == 403
    assert draft(inside) == {}


@pytest.mark.parametrize("path", DESK_UPLOADS)
def test_no_file_is_taken_without_its_token(inside: Browser, path: str) -> None:
    files = {"file": ("食堂.md", b"# x\n\ny\n")}
    for data in ({}, {"csrf": "x"}):
        inside.client.post(f"/desk{path}", data=data, files=files)
    file = b'Content-Disposition: form-data; name="file"; filename="a.md"\r\n\r\nx\r\n'
    token = b'Content-Disposition: form-data; name="csrf"\r\n\r\n' + inside.token("/").encode() + b"\r\n"
    late = b"--b\r\n" + file + b"--b\r\n" + token + b"--b--\r\n"
    kind = {"content-type": "multipart/form-data; boundary=b"}
    inside.client.post(f"/desk{path}", content=late, headers=kind)
    assert draft(inside) == {}
    assert [*inside.office.desk.folder.incoming.iterdir()] == []


def test_a_page_of_another_site_posts_nothing(inside: Browser) -> None:
    data = {"csrf": inside.token()}
    reply = inside.client.post("/desk/publish/discard", data=data, headers={"origin": "https://evil.example"})
    assert reply.status_code == 403


def test_logging_in_is_throttled_and_says_nothing(person: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)  # At the turn of a minute one more would be let in.
    said = [person.log_in(name, "falsches Passwort") for name in (ME[0], "nobody", ME[0], "nobody", ME[0])]
    assert [reply.status_code for reply in said] == [403] * 5
    assert len({re.sub(r'value="[^"]*"', "", reply.text) for reply in said}) == 1
    assert f'name="name" value="{ME[0]}"' in said[0].text
    reply = person.log_in()
    assert reply.status_code == 429
    assert "秒后再试" in reply.text
    deeds = [json.loads(line) for line in person.office.desk.folder.audit.read_text(encoding="utf-8").splitlines()]
    assert [(deed["who"], deed["what"]) for deed in deeds][:2] == [(ME[0], "refused"), ("?", "refused")]
    assert "Passwort" not in person.office.desk.folder.audit.read_text(encoding="utf-8")


def test_a_new_session_begins_with_the_log_in(person: Browser) -> None:
    before = person.token()
    person.log_in()
    assert person.token() != before


@pytest.mark.slow
@pytest.mark.parametrize("how", ["log out", "new password", "removed", "idle", "long"])
def test_a_session_ends(inside: Browser, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    cookie = inside.client.cookies[COOKIE]
    if how == "log out":
        inside.post("/logout", inside.token("/"))
        inside.client.cookies.clear()
        inside.client.cookies.set(COOKIE, cookie)
    elif how == "new password":
        inside.office.desk.accounts.set(ME[0], PASSWORD[::-1])
    elif how == "removed":
        inside.office.desk.accounts.remove(ME[0])
    else:
        later = {"idle": 31 * 60, "long": 13 * 60 * 60}[how]
        now = door.time.time
        monkeypatch.setattr("parkqa.web.desk.door.time.time", lambda: now() + later)
    assert inside.get("/").status_code == 303


def test_what_the_page_asks_for_by_itself_keeps_nobody_logged_in(
    inside: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = door.time.time()
    for minutes in range(5, 30, 5):
        monkeypatch.setattr("parkqa.web.desk.door.time.time", lambda minutes=minutes: now + 60 * minutes)
        assert inside.get("/progress").status_code == 200
    monkeypatch.setattr("parkqa.web.desk.door.time.time", lambda: now + 60 * 31)
    assert inside.get("/").status_code == 303


def test_a_cookie_that_was_altered_is_none(inside: Browser) -> None:
    cookie = inside.client.cookies[COOKIE]
    inside.client.cookies.clear()
    told, _, signature = cookie.rpartition(".")
    inside.client.cookies.set(COOKIE, f"{told}.{'b' if signature[0] == 'a' else 'a'}{signature[1:]}")
    assert inside.get("/").status_code == 303


@pytest.mark.slow
@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/desk/\\evil", "/chat/", "/desk/\r\nx: y", ""]
)
def test_a_form_leads_nowhere_else(inside: Browser, back: str) -> None:
    assert inside.post("/language", back=back, to="en").headers["location"] == "/desk/"


def test_the_language_is_switched(inside: Browser) -> None:
    assert "资料" in inside.get("/").text
    inside.post("/language", to="en")
    assert '<html lang="en">' in inside.get("/").text
    assert SHE[0] not in inside.get("/").text


def test_below_a_prefix(tmp_path: Path) -> None:
    with open_desk(tmp_path, root_path="/ask") as person:
        page = person.client.get("/ask/desk/login")
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert token
        reply = person.client.post("/ask/desk/login", data={"csrf": token[1], "name": ME[0], "password": PASSWORD})
        assert reply.headers["location"] == "/ask/desk/"
        assert "path=/ask/desk" in reply.headers["set-cookie"]
        assert person.client.get("/ask/desk/").status_code == 200


@pytest.mark.parametrize(
    ("change", "local"),
    [
        ({}, True),
        ({"http_version": "1.0"}, False),
        ({"parkqa.direct": False}, False),
        ({"headers": [(b"host", b"park.example")]}, False),
        ({"headers": []}, False),
    ],
)
def test_what_counts_as_from_here(change: dict[str, object], local: bool) -> None:
    scope = {"http_version": "1.1", "parkqa.direct": True, "headers": [(b"host", b"127.0.0.1:7860")]}
    assert is_local(scope | change) is local


def test_files_have_more_time_and_room_than_questions() -> None:
    assert all(connections._is_upload(f"/desk{path}") for path in DESK_UPLOADS)
    assert connections._is_upload("/ask/desk/documents/upload")
    assert not connections._is_upload("/desk/words")
    assert not connections._is_upload("/api/ask")
    assert security._limits("/desk/documents/upload") == (UPLOAD_BYTES, UPLOAD_SECONDS)
    assert security._limits("/api/ask") == (security.BODY_LIMIT, security.BODY_SECONDS)
