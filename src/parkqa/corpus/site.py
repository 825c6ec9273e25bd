"""``parkqa fetch``: the pages of a web site become files of the corpus.

It follows the site map and the links within the site, heeds robots.txt, pauses between requests and asks only for what
has changed. What frames a page (menus, footers) is taken off, and its address kept, so that a quote can lead to it.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from parkqa.corpus.curation.sites import Site
from parkqa.corpus.decoding import decoded_as, normalised
from parkqa.corpus.fetching import AGENT, NotFetched, Page, clean, fetch
from parkqa.corpus.known_pages import STATE, Known, digest, file_name, read_known, write_known
from parkqa.corpus.readers.draft import Unreadable, needed
from parkqa.corpus.readers.html import ADDRESS
from parkqa.corpus.readers.html_frame import taken_out
from parkqa.corpus.replacing import replace_file

FOLDER = "sites"
"""Folder of the corpus in which the pages lie, each site in one of its own."""
MAPS = 20
"""Most site maps that are read. Chosen by hand."""
QUERIES = 50
"""Most addresses that differ only behind the question mark: a search or a calendar has no end. Chosen by hand."""
SLOWEST = 30
"""Most seconds between requests that robots.txt can ask for. Chosen by hand."""
LINKS = 0.6
"""Share of links in its text from which a page is a list of pages and no document. Chosen by hand."""


@dataclass(slots=True)
class Fetched:
    """What came of a site: addresses of pages that are new, changed, the same or gone, and why others were left out."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def is_due(site: Site, corpus: Path, now: float) -> bool:
    """Return whether a site is to be fetched at a time, in seconds since 1970."""
    state = folder_of(site, corpus) / STATE
    return not state.exists() or now - state.stat().st_mtime >= site.days * 86_400


def fetch_site(site: Site, corpus: Path, progress: Callable[[str], None] = lambda _: None) -> Fetched:
    """Bring the pages of a site up to date; ``progress`` is called with each address before it is fetched.

    Where the site cannot be reached at all, what is there stays.
    """
    return _Visit(site, folder_of(site, corpus), progress).fetched()


def folder_of(site: Site, corpus: Path) -> Path:
    """Return the folder of a corpus that has the files of a site."""
    return corpus / FOLDER / re.sub(r"[^\w.-]", "_", site.host)


class _Visit:
    """One visit to a site."""

    def __init__(self, site: Site, folder: Path, progress: Callable[[str], None]) -> None:
        self._site = site
        self._folder = folder
        self._progress = progress
        self._known = read_known(folder)
        self._kept: dict[str, Known] = {}
        self._result = Fetched()
        self._robots = RobotFileParser()
        self._pause = site.pause
        self._waiting: deque[str] = deque()
        self._seen: set[str] = set()
        self._alike: set[str] = set()
        self._queries: dict[str, int] = {}

    def fetched(self) -> Fetched:
        """Visit the pages, then those that were known and that no link leads to any more."""
        try:
            self._read_robots()
        except NotFetched as error:
            self._result.failed.append((self._site.address, error.zh, error.en))
            return self._result
        self._await(clean(self._site.address), *self._mapped())
        self._visit_all()
        self._await(*self._known)
        self._visit_all()
        write_known(self._folder, self._kept)
        return self._result

    def _read_robots(self) -> None:
        """Read robots.txt; raise NotFetched where the site cannot be reached or is out of order."""
        page = self._get(urljoin(self._site.address, "/robots.txt"), {}, anywhere=True)
        if page.status >= 500:
            raise NotFetched(f"robots.txt 取不了（{page.status}），先不取", f"robots.txt cannot be had ({page.status})")
        lines = page.content.decode("utf-8", "replace").splitlines() if page.status == 200 else []
        self._robots.parse(lines)
        self._pause = max(self._pause, min(float(self._robots.crawl_delay(AGENT) or 0), SLOWEST))

    def _mapped(self) -> Iterator[str]:
        """Yield the addresses in the site's maps."""
        maps = deque(self._robots.site_maps() or [urljoin(self._site.address, "/sitemap.xml")])
        for _ in range(MAPS):
            if not maps:
                return
            try:
                page = self._get(maps.popleft(), {}, anywhere=True)
            except NotFetched:
                continue
            found = re.findall(rb"<loc>\s*([^<\s]+)\s*</loc>", page.content) if page.status == 200 else []
            places = [place.decode("utf-8", "replace").replace("&amp;", "&") for place in found]
            if b"<sitemapindex" in page.content:
                maps += [place for place in places if self._is_host(place)]
            else:
                yield from places

    def _await(self, *addresses: str) -> None:
        for address in addresses:
            place = clean(address)
            if place not in self._seen and self._within(place):
                self._seen.add(place)
                self._waiting.append(place)

    def _is_host(self, address: str) -> bool:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and parts.netloc == self._site.host

    def _within(self, address: str) -> bool:
        """Return whether a page is one of the site, and wanted, and allowed by robots.txt."""
        parts, above = urlsplit(address), urlsplit(self._site.address).path
        if "." in above.rpartition("/")[2]:  # a page, which begins the folder that it is in
            above = above.rpartition("/")[0]
        rest = f"{unquote(parts.path)}?{unquote(parts.query)}"
        return (
            self._is_host(address)
            and f"{parts.path}/".startswith(f"{above}/")
            and not any(each in rest for each in self._site.leave_out)
            and self._robots.can_fetch(AGENT, address)
        )

    def _get(self, address: str, head: dict[str, str], *, anywhere: bool = False) -> Page:
        time.sleep(self._pause)
        within = self._is_host if anywhere else self._within
        return fetch(address, within, head, private=self._site.private)

    def _visit_all(self) -> None:
        visited = 0
        while self._waiting:
            if len(self._kept) + len(self._result.failed) + visited >= self._site.pages:
                count = len(self._waiting)
                self._result.notes.append(
                    (f"到了 {self._site.pages} 页的上限，还有 {count} 页没有取", f"{count} pages beyond the limit")
                )
                self._keep_rest()
                return
            address = self._waiting.popleft()
            if self._too_many_alike(address):
                continue
            self._progress(address)
            try:
                visited += not self._visit(address)
            except NotFetched as error:
                self._fail(address, error.zh, error.en)

    def _keep_rest(self) -> None:
        """Keep what is known of pages that were not visited."""
        for address in self._waiting:
            if address in self._known:
                self._kept[address] = self._known[address]
        self._waiting.clear()

    def _too_many_alike(self, address: str) -> bool:
        path, _, query = address.partition("?")
        self._queries[path] = self._queries.get(path, 0) + bool(query)
        if self._queries[path] == QUERIES + 1:
            self._result.notes.append((f"{path}? 后面的变化太多，只取了 {QUERIES} 页", f"too many queries of {path}"))
        return bool(query) and self._queries[path] > QUERIES

    def _fail(self, address: str, zh: str, en: str) -> None:
        """Note that a page was not fetched, and keep what is known of it."""
        self._result.failed.append((address, zh, en))
        if address in self._known:
            self._kept[address] = self._known[address]

    def _visit(self, address: str) -> bool:
        """Fetch a page; return whether it is a document."""
        known = self._known.get(address)
        head = {}
        if known and known.stands_in(self._folder):
            lines = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
            head = {name: value for name, value in lines.items() if value}
        page = self._get(address, head)
        if page.status == 304 and known:
            self._kept[address] = known
            self._result.same.append(address)
            self._await(*known.links)
            return True
        if page.status in (404, 410):
            if known:
                self._remove(address, known)
            return False
        if page.status != 200:
            raise NotFetched(f"服务器答复 {page.status}", f"the server answered {page.status}")
        if page.kind not in ("text/html", "application/xhtml+xml", ""):
            return False
        return self._take(address, page)

    def _remove(self, address: str, known: Known) -> None:
        (self._folder / known.file).unlink(missing_ok=True)
        self._result.gone.append(address)

    def _take(self, address: str, page: Page) -> bool:
        """Write a page as a document and follow its links; return whether it is one."""
        try:
            soup = needed("bs4").BeautifulSoup(normalised(decoded_as(page.content, page.encoding)), "lxml")
        except Unreadable as error:
            raise NotFetched(error.zh, error.en) from error
        if soup.find("input", type="password"):
            raise NotFetched("要登录，没有取", "it asks to log in")
        title = soup.title.get_text(" ", strip=True) if soup.title else ""
        links = [urljoin(page.address, str(link["href"]).strip()) for link in soup.find_all("a", href=True)]
        taken_out(soup)
        text = " ".join(soup.get_text(" ").split())
        alike = hashlib.sha256(re.sub(r"[\d\s]", "", text).encode()).hexdigest()
        if alike not in self._alike:  # a calendar's pages differ in their figures only, and lead to more of them
            self._await(*(link for link in links if self._is_host(link)))
        self._alike.add(alike)
        linked = sum(len("".join(link.get_text().split())) for link in soup.find_all("a", href=True))
        if not text or linked > LINKS * len("".join(text.split())):
            if known := self._known.get(address):
                self._remove(address, known)
            return False
        self._write(address, page, links, _document(title, page.address, str(soup.body or soup)))
        return True

    def _write(self, address: str, page: Page, links: list[str], raw: bytes) -> None:
        name = file_name(address)
        path = self._folder / name
        before = path.read_bytes() if path.is_file() else None
        if before != raw:
            replace_file(path, lambda aside: aside.write_bytes(raw))
        group = self._result.new if before is None else self._result.same if before == raw else self._result.changed
        group.append(address)
        near = tuple(dict.fromkeys(clean(link) for link in links if self._is_host(link)))
        self._kept[address] = Known(
            name, page.head.get("etag", ""), page.head.get("last-modified", ""), near, digest(raw)
        )


def _document(title: str, address: str, body: str) -> bytes:
    """Return a page as it is kept: its title, where it is, and its body without what frames it."""
    head = f'<meta charset="utf-8"><meta name="{ADDRESS}" content="{escape(address)}"><title>{escape(title)}</title>'
    return f"<!DOCTYPE html>\n<html><head>{head}</head>\n{body}\n</html>\n".encode("utf-8", "replace")
