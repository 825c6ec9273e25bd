"""One request to a web site: to an address that was checked, within limits of time and size.

A name may lead anywhere, also to this machine or to what stands beside it in the network, and may lead elsewhere a
moment later. So each name is looked up once, all its addresses are checked, and one of these is connected to.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

AGENT = "parkqa-fetch"
"""What it says that it is, also to robots.txt."""
SECONDS = 30
"""Seconds that one request may take, and that a server may be silent. Chosen by hand, as the two that follow."""
BYTES = 5 * 1024**2
"""Largest page, in bytes."""
REDIRECTS = 5
"""Most redirects that are followed one after the other."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotFetched(Exception):
    """A page was not fetched; ``zh`` and ``en`` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered: the address after redirects, the status, the head by lower-case name, the content."""

    address: str
    status: int
    head: Mapping[str, str]
    content: bytes

    @property
    def kind(self) -> str:
        """The type of the content, such as ``text/html``."""
        return self.head.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def encoding(self) -> str:
        """The encoding that the head names, or ""."""
        return self.head.get("content-type", "").partition("charset=")[2].partition(";")[0].strip("\"' ")


def fetch(address: str, within: Callable[[str], bool], head: Mapping[str, str], *, private: bool = False) -> Page:
    """Get a page, following redirects.

    Args:
        address: its address.
        within: whether an address may be fetched; asked for every redirect.
        head: further lines of the request's head.
        private: whether it may be on this machine or in a private network.

    Raises:
        NotFetched: it may not be fetched, or the server cannot be reached, takes too long or sends too much.
    """
    end = time.monotonic() + SECONDS
    for _ in range(REDIRECTS + 1):
        page = _once(address, head, private, end)
        where = page.head.get("location")
        if page.status not in (301, 302, 303, 307, 308) or not where:
            return page
        address = clean(urljoin(address, where))
        if not within(address):
            raise NotFetched(f"转到了站外或不取的地方：{address}", f"it leads elsewhere: {address}")
    raise NotFetched("转来转去没有尽头", "its redirects do not end")


def clean(address: str) -> str:
    """Return an address as it is sent: in ASCII, without what is behind #.

    >>> clean("http://a.cn/通知 1.html#top")
    'http://a.cn/%E9%80%9A%E7%9F%A5%201.html'
    """
    parts = urlsplit(address)
    path, query = (quote(part, safe="/%:@!$&'()*+,;=~-._?") for part in (parts.path or "/", parts.query))
    return f"{parts.scheme}://{parts.netloc}{path}{f'?{query}' if query else ''}"


def _once(address: str, head: Mapping[str, str], private: bool, end: float) -> Page:
    """Send one request; raises as ``fetch``."""
    parts = urlsplit(address)
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, private)
    try:
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        connection.request("GET", target, headers={"User-Agent": AGENT, "Accept-Encoding": "identity", **head})
        answer = connection.getresponse()
        said = {name.lower(): value for name, value in answer.getheaders()}
        return Page(address, answer.status, said, _content(answer, said.get("content-encoding", ""), end))
    except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
        raise NotFetched(f"连不上或中断了（{error}）", f"the connection failed ({error})") from error
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None, private: bool) -> http.client.HTTPConnection:
    """Return a connection that will be made to a checked address of a host."""
    if scheme == "https":
        return _Secure(host, port, private)
    return _Plain(host, port, private)


class _Plain(http.client.HTTPConnection):
    """A connection to an address that was checked."""

    def __init__(self, host: str, port: int | None, private: bool) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._private = private

    def connect(self) -> None:
        """Look the name up and connect to one of its addresses."""
        self.sock = _dial(self.host, self.port, self._private)


class _Secure(_Plain):
    """The same with TLS: the certificate is checked against the name."""

    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        """Connect, and begin TLS."""
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _dial(host: str, port: int, private: bool) -> socket.socket:
    """Connect to a host, none of whose addresses is private unless it may be."""
    places = [place for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private and not all(is_public(str(place[0])) for place in places):
        raise OSError("地址在本机或内网；确实要取，请在 sites.yaml 写 private: true / a private address")
    return socket.create_connection((str(places[0][0]), port), SECONDS)


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public network, also the one that an IPv6 address stands for.

    >>> [is_public(each) for each in ("8.8.8.8", "10.0.0.1", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1")]
    [True, False, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        inner = inner or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast


def _content(answer: http.client.HTTPResponse, packed: str, end: float) -> bytes:
    """Read what is sent, unpacked where it is packed though we asked not to."""
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress if packed.lower() in ("gzip", "deflate") else None
    found = bytearray()
    while part := answer.read1(65_536):
        found += unpack(part, BYTES + 1) if unpack else part
        if len(found) > BYTES:
            raise NotFetched(f"超过 {BYTES // 1024**2} MB", f"it exceeds {BYTES // 1024**2} MB")
        if time.monotonic() > end:
            raise NotFetched(f"{SECONDS} 秒没有取完", f"it took more than {SECONDS} seconds")
    return bytes(found)
