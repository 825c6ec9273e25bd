"""``parkqa fetch`` against a site of this machine: what becomes a document, what is left out, and what is safe."""

from __future__ import annotations

import gzip
import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import run
from parkqa.answer.quoting import live
from parkqa.corpus import fetching, site
from parkqa.corpus.curation.sites import Site, read_sites
from parkqa.corpus.documents import read_corpus
from parkqa.corpus.fetching import NotFetched, fetch, is_public
from parkqa.corpus.site import Fetched, fetch_site, is_due
from parkqa.errors import ParkFileError

MENU = "<div class='nav'><a href='/'>首页</a><a href='/list.html'>通知公告</a></div>"
FOOT = "<div class='footer'>主办：某某园区管理委员会 备案号：苏ICP备00000000号</div>"


def page(title: str, body: str) -> bytes:
    head = f"<head><title>{title}_某某园区</title></head>"
    return f"<html>{head}<body>{MENU}<h1>{title}</h1>{body}{FOOT}</body></html>".encode()


def links(**names: str) -> str:
    return "".join(f"<p><a href='/{place}'>{name}</a></p>" for name, place in names.items())


RULE = "租金按月收取，逾期的按日加收千分之一的滞纳金，直到付清为止；押金为两个月租金。"
GB = "text/html; charset=gb2312"
TABLE = "<table><tr><th>楼栋</th><th>租金</th></tr><tr><td>1号楼</td><td>35元</td></tr></table>"
NOTICES = {f"关于第{number}号事项的通知全文请看": f"n{number}.html" for number in (1, 2)}
ODD = {"登录": "login", "日历": "cal?m=1", "附件": "a.pdf", "内部": "private/x.html", "不取": "skip/y.html"}
OUT = "<a href='http://127.0.0.1:1/out'>外</a>"
POWER = page("停电通知", f"<p>六月九日停电，镕楼不受影响。{RULE}</p>").decode().encode("gb18030")
WORKS = gzip.compress(page("施工通知", f"<p>创业路施工两个月，请绕行。各单位请提前安排好运输。</p>{links(**ODD)}{OUT}"))
MAP = b"<urlset><url><loc>http://HOST/hidden.html</loc></url></urlset>"
PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/": (200, {}, page("园区介绍", f"<p>园区成立于2003年，面积三十平方公里。</p>{links(租金='rent.html')}")),
    "/rent.html": (
        200,
        {"ETag": '"r1"'},
        page("厂房租金", f"<p>{RULE}</p>{TABLE}{links(甲='loop', 乙='500')}"),
    ),
    "/list.html": (200, {}, page("通知公告", links(**NOTICES, 下一页="list_2.html"))),
    "/list_2.html": (200, {}, page("通知公告", links(**NOTICES, 关于第三号事项的通知="n3.html", 上一页="list.html"))),
    "/n1.html": (200, {}, page("停水通知", "<p>五月八日停水，八点恢复供水。</p>")),
    "/n2.html": (200, {"Content-Type": GB}, POWER),
    "/n3.html": (200, {"Content-Encoding": "gzip"}, WORKS),
    "/login": (200, {}, page("登录", "<form><input name=u><input type='password' name=p></form>")),
    "/loop": (302, {"Location": "/loop2"}, b""),
    "/loop2": (302, {"Location": "/loop"}, b""),
    "/500": (500, {}, b"oops"),
    "/a.pdf": (200, {"Content-Type": "application/pdf"}, b"%PDF-1.4"),
    "/private/x.html": (200, {}, page("内部", "<p>内部资料不外传。</p>")),
    "/skip/y.html": (200, {}, page("不取", "<p>这一页不要取。</p>")),
    "/hidden.html": (200, {}, page("只在地图上", "<p>只有站点地图里有这一页。</p>")),
    "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private/\n"),
    "/sitemap.xml": (200, {"Content-Type": "text/xml"}, MAP),
}


class Web:
    """A site of this machine; ``pages`` may be changed, ``asked`` are the paths that were asked for."""

    def __init__(self) -> None:
        self.pages = dict(PAGES)
        self.asked: list[str] = []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append(self.path)
                status, head, raw = web.answer(self.path, self.headers.get("If-None-Match", ""))
                self.send_response(status)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **head}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def answer(self, path: str, etag: str) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/cal?m="):
            month = int(path[7:])
            body = f"<p>2026年{month}月的活动日历，每天都有安排。</p><a href='/cal?m={month + 1}'>下月</a>"
            return 200, {}, page("日历", body)
        status, head, raw = self.pages.get(path, (404, {}, b"none"))
        if etag and head.get("ETag") == etag:
            return 304, {}, b""
        return status, head, raw.replace(b"HOST", self.host.encode())

    def site(self, **more: object) -> Site:
        options = {"pause": 0, "private": True, "leave_out": ("/skip/",), "address": f"http://{self.host}", **more}
        return Site(**options)  # type: ignore[arg-type]


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    yield made
    made.server.shutdown()
    made.thread.join()
    made.server.server_close()


def short(addresses: list[str]) -> list[str]:
    return sorted("/" + address.partition("//")[2].partition("/")[2] for address in addresses)


def test_the_pages_of_a_site_become_documents_without_what_frames_them(tmp_path: Path, web: Web) -> None:
    fetched = fetch_site(web.site(), tmp_path)
    wanted = ["/", "/cal?m=1", "/cal?m=2", "/hidden.html", "/n1.html", "/n2.html", "/n3.html", "/rent.html"]
    assert short(fetched.new) == wanted
    assert {short([place])[0]: zh for place, zh, _ in fetched.failed} == {
        "/loop": "转来转去没有尽头",
        "/500": "服务器答复 500",
        "/login": "要登录，没有取",
    }
    assert not {"/private/x.html", "/skip/y.html", "/cal?m=3"} & set(web.asked)
    documents = {document.title: document for document in read_corpus(tmp_path).documents}
    rent = documents["厂房租金"]
    assert rent.text == f"厂房租金\n{RULE}\n楼栋 | 租金\n1号楼 | 35元\n甲\n乙"
    assert rent.url == f"http://{web.host}/rent.html"
    assert documents["停电通知"].text == f"停电通知\n六月九日停电，镕楼不受影响。{RULE}"
    assert all(document.path.startswith(f"sites/{web.host.replace(':', '_')}/") for document in documents.values())


@pytest.mark.slow
def test_a_second_visit_keeps_what_has_not_changed_and_names_what_went(tmp_path: Path, web: Web) -> None:
    fetch_site(web.site(), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html")}
    del web.pages["/n1.html"]
    web.pages["/n2.html"] = (200, {}, page("停电通知", "<p>停电改期。</p>"))
    del web.pages["/sitemap.xml"]  # no link leads to that page any more, but it is there
    fetched = fetch_site(web.site(), tmp_path)
    assert (short(fetched.new), short(fetched.changed), short(fetched.gone)) == ([], ["/n2.html"], ["/n1.html"])
    assert "/hidden.html" in short(fetched.same) and "/rent.html" in short(fetched.same)
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html")}
    assert len(before) - len(after) == 1
    assert sum(before[path] != time for path, time in after.items()) == 1


@pytest.mark.slow
def test_a_site_that_is_down_or_out_of_order_takes_nothing_away(tmp_path: Path, web: Web) -> None:
    fetch_site(web.site(), tmp_path)
    count = len([*tmp_path.rglob("*.html")])
    web.pages = {path: (500, {}, b"") for path in web.pages}
    (failed,) = fetch_site(web.site(), tmp_path).failed
    assert "robots.txt" in failed[1] and len([*tmp_path.rglob("*.html")]) == count
    web.server.shutdown()
    web.server.server_close()
    assert len(fetch_site(web.site(), tmp_path).failed) == 1 and len([*tmp_path.rglob("*.html")]) == count


@pytest.mark.slow
def test_the_number_of_pages_is_limited_and_that_is_said(tmp_path: Path, web: Web) -> None:
    fetched = fetch_site(web.site(pages=3), tmp_path)
    assert len(fetched.new) <= 3 and "3 页的上限" in fetched.notes[0][0]


@pytest.mark.slow
def test_only_pages_below_the_address_are_fetched(tmp_path: Path, web: Web) -> None:
    web.pages["/zw/a.html"] = (200, {}, page("政务", "<p>政务大厅八点开门。</p><a href='/n1.html'>x</a>"))
    fetched = fetch_site(web.site(address=f"http://{web.host}/zw/a.html"), tmp_path)
    assert short(fetched.new) == ["/zw/a.html"]


# Safety


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.1.2.3 192.168.0.1 169.254.169.254 0.0.0.0 100.64.0.1 224.0.0.1 ::1 fe80::1%eth0 fc00::1"
    " ::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1::1".split(),
)
def test_an_address_of_this_machine_or_a_private_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_any_other_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.slow
def test_a_private_address_is_asked_for_nothing_unless_sites_yaml_says_so(tmp_path: Path, web: Web) -> None:
    fetched = fetch_site(web.site(private=False), tmp_path)
    assert "private: true" in fetched.failed[0][1] and web.asked == []


@pytest.mark.slow
def test_a_name_is_looked_up_once_and_what_was_checked_is_connected_to(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up, dialled = [], []

    def lookup(host: str, port: int, **_: object) -> list[object]:
        looked_up.append(host)
        return [(2, 1, 6, "", ("93.184.216.34" if len(looked_up) == 1 else "127.0.0.1", port))]

    def dial(place: tuple[str, int], *_: object) -> socket.socket:
        dialled.append(place[0])
        raise OSError("not in a test")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", dial)
    with pytest.raises(NotFetched):
        fetch("http://park.example/", lambda _: True, {})
    assert (looked_up, dialled) == (["park.example"], ["93.184.216.34"])


def test_a_name_one_of_whose_addresses_is_private_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    places = [(2, 1, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("it connected"))
    with pytest.raises(NotFetched, match="private"):
        fetch("http://park.example/", lambda _: True, {})


@pytest.mark.slow
def test_a_redirect_out_of_the_site_is_not_followed(tmp_path: Path, web: Web) -> None:
    other = Web()
    web.pages["/n1.html"] = (302, {"Location": f"http://{other.host}/n2.html"}, b"")
    fetched = fetch_site(web.site(), tmp_path)
    other.server.shutdown()
    other.server.server_close()
    assert any(place.endswith("/n1.html") and "站外" in zh for place, zh, _ in fetched.failed)
    assert other.asked == []


@pytest.mark.slow
def test_a_page_without_end_is_broken_off(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "BYTES", 1000)
    for head, raw in (({}, b"x" * 5000), ({"Content-Encoding": "gzip"}, gzip.compress(bytes(10_000_000)))):
        web.pages["/big"] = (200, head, raw)
        with pytest.raises(NotFetched, match="exceeds"):
            fetch(f"http://{web.host}/big", lambda _: True, {}, private=True)


@pytest.mark.slow
def test_what_another_page_says_of_its_address_is_not_believed(tmp_path: Path) -> None:
    for folder in ("sites/a", "other"):
        (tmp_path / folder).mkdir(parents=True)
        raw = f'<meta name="parkqa:address" content="http://evil.example/"><p>在{folder}里的一页。</p>'
        (tmp_path / folder / "a.html").write_text(raw, encoding="utf-8")
    (tmp_path / "sites" / "a" / "b.html").write_text(
        '<meta name="parkqa:address" content="javascript:alert(1)"><p>另一页。</p>', encoding="utf-8"
    )
    urls = {document.path: document.url for document in read_corpus(tmp_path).documents}
    assert urls == {"other/a.html": None, "sites/a/a.html": "http://evil.example/", "sites/a/b.html": None}


# The file, the command, the link


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- address: ftp://a.cn", 1),
        ("- address: https://a.cn\n- address: b", 2),
        ("- https://a.cn", 1),
        ("- address: https://a.cn\n  days: 往后", 1),
        ("- address: https://a.cn\n  hours: 3", 1),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "sites.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ParkFileError, match=f"sites.yaml:{line}"):
        read_sites(tmp_path)


def test_sites_are_read(tmp_path: Path) -> None:
    assert read_sites(tmp_path) == ()
    (tmp_path / "sites.yaml").write_text(
        "- address: https://www.园区.cn/zw/\n  leave_out: [/en/]\n  days: 7\n", "utf-8"
    )
    (made,) = read_sites(tmp_path)
    assert (made.address, made.leave_out, made.days) == ("https://www.xn--dkrx9f.cn/zw", ("/en/",), 7)


@pytest.mark.slow
def test_the_command_fetches_what_is_due_and_says_what_came_of_it(
    tmp_path: Path, web: Web, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("fetch", "--corpus", str(tmp_path)) == 2
    assert "sites.yaml" in capsys.readouterr().err
    text = f"- address: http://{web.host}\n  private: true\n  pause: 0\n  leave_out: [/500, /loop, /login, /skip/]\n"
    (tmp_path / "sites.yaml").write_text(text, encoding="utf-8")
    assert run("fetch", "--corpus", str(tmp_path)) == 0
    assert "8 new, 0 changed, 0 unchanged, 0 gone" in capsys.readouterr().out
    asked = len(web.asked)
    assert run("fetch", "--corpus", str(tmp_path)) == 0
    assert "还没到时候" in capsys.readouterr().out and len(web.asked) == asked
    assert run("fetch", "--corpus", str(tmp_path), "--all") == 0
    assert len(web.asked) > asked
    assert read_corpus(tmp_path).skipped == ()


@pytest.mark.slow
def test_a_site_is_due_after_its_days(tmp_path: Path, web: Web) -> None:
    assert is_due(web.site(), tmp_path, 0)
    fetch_site(web.site(), tmp_path)
    now = (site.folder_of(web.site(), tmp_path) / site.STATE).stat().st_mtime
    assert not is_due(web.site(days=2), tmp_path, now + 86_400) and is_due(web.site(days=2), tmp_path, now + 2 * 86_400)


@pytest.mark.slow
def test_damaged_notes_on_the_pages_are_as_none(tmp_path: Path, web: Web) -> None:
    fetch_site(web.site(), tmp_path)
    for text in ("{", "[]", '{"http://a/": {"file": "../x.html", "etag": "", "modified": "", "links": []}}'):
        (site.folder_of(web.site(), tmp_path) / site.STATE).write_text(text, encoding="utf-8")
        fetched = fetch_site(web.site(), tmp_path)
        assert isinstance(fetched, Fetched) and fetched.gone == [] and "/rent.html" in short(fetched.same)


def test_the_live_page_opens_at_the_beginning_and_end_of_a_long_quote() -> None:
    long = "园区成立于2003年，" * 10 + "现有企业四百二十六家。"
    assert live("http://a.cn/", long).count(",") == 1
    assert live("http://a.cn/", "楼栋 | 租金").endswith("#:~:text=%E6%A5%BC%E6%A0%8B,%E7%A7%9F%E9%87%91")
