"""The park's web site, fetched from the desk: its pages go into the draft, as files do that are uploaded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from parkqa.corpus.curation.sites import FILE, Site, read_sites
from parkqa.corpus.known_pages import STATE
from parkqa.corpus.site import Fetched, fetch_site, folder_of
from parkqa.desk.audit import now
from parkqa.desk.background import Background
from parkqa.desk.files import File, Files
from parkqa.desk.folder import saying_what_failed, write
from parkqa.desk.shelf import Shelf
from parkqa.errors import ParkqaError
from parkqa.store.local.versions import file_digest


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of one site; ``fault`` says why nothing of it went into the draft, in Chinese and English."""

    address: str
    fetched: Fetched
    fault: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """What the last fetch brought, who began it, and when it ended (UTC, ISO 8601)."""

    who: str
    at: str
    sites: tuple[Brought, ...]


_VISIT = TypeAdapter(Visit)


class Sites:
    """Fetches the sites of sites.yaml as the draft has it, all of them in turn, one fetch at a time."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._folder = shelf.folder.sites
        self._last = self._folder / "last.json"
        self.work = Background("parkqa-fetch")

    def sites(self) -> tuple[Site, ...]:
        """Return the sites; none where sites.yaml is missing or wrong, which the page of that file says."""
        there = self._shelf.files()
        if FILE not in there.present:
            return ()
        with self._shelf.curated(there) as place:
            try:
                return read_sites(place)
            except ParkqaError:
                return ()

    def last(self) -> Visit | None:
        """Return what the last fetch brought; None if there was none."""
        try:
            return _VISIT.validate_json(self._last.read_bytes())
        except (OSError, ValidationError):
            return None

    def start(self, who: str, then: Callable[[], None] = lambda: None) -> None:
        """Begin to fetch, and do something else afterwards; return immediately.

        Raises:
            ParkqaError: there is nothing to fetch, or somebody is fetching already.
        """
        sites = self.sites()
        if not sites:
            raise ParkqaError(
                "没有要取的网站，请先在 sites.yaml 里写上网址。",
                "There is no site to fetch; write one in sites.yaml first.",
            )
        self.work.start(who, lambda: self._fetch(sites, who, then))

    def _fetch(self, sites: tuple[Site, ...], who: str, then: Callable[[], None]) -> None:
        brought = []
        for site in sites:
            brought.append(self._brought(site, who))
            visit = Visit(who, now(), tuple(brought))
            write(self._last, json.dumps(asdict(visit), ensure_ascii=False).encode())
        then()

    def _brought(self, site: Site, who: str) -> Brought:
        """Fetch one site into a copy of its folder, and put what is different there into the draft."""
        with self._shelf.folder.aside() as place:
            there = self._shelf.files()
            folder = folder_of(site, place)
            self._lay_out(folder_of(site, self._shelf.corpus), there, folder, place)
            with saying_what_failed():
                fetched = fetch_site(site, place, self.work.tell)
            try:
                self._put(there, folder, place, who)
            except ParkqaError as error:
                return Brought(site.address, fetched, (error.zh, error.en))
        return Brought(site.address, fetched)

    def _lay_out(self, live: Path, there: Files, folder: Path, place: Path) -> None:
        """Copy the files of a site as the draft has them, with what is known of them, by the desk or by the command."""
        with saying_what_failed():
            folder.mkdir(parents=True)
            for file in _inside(there, folder, place):
                shutil.copyfile(file.path, place / file.name)
            states = [path for path in (live / STATE, self._folder / folder.name / STATE) if path.is_file()]
            if states:
                shutil.copyfile(max(states, key=lambda path: path.stat().st_mtime), folder / STATE)

    def _put(self, there: Files, folder: Path, place: Path, who: str) -> None:
        before = {file.name: file.sha for file in _inside(there, folder, place)}
        after = {path.relative_to(place).as_posix(): path for path in sorted(folder.glob("*.html"))}
        digests = {name: file_digest(path) for name, path in after.items()}
        edits: dict[str, str | None] = {name: None for name in before if name.endswith(".html") and name not in after}
        for name, sha in digests.items():
            if before.get(name) != sha:
                edits[name] = self._shelf.blobs.copy(after[name])
        self._shelf.change(who, edits, {name: before.get(name, "") for name in edits})
        if (folder / STATE).is_file():
            write(self._folder / folder.name / STATE, (folder / STATE).read_bytes())


def _inside(there: Files, folder: Path, place: Path) -> list[File]:
    """Return the files of the draft that lie in a folder."""
    name = folder.relative_to(place).as_posix()
    return [file for file in there.present.values() if file.name.rpartition("/")[0] == name]
