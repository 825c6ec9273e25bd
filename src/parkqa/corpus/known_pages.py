"""What is known of the pages of a web site since it was fetched last, kept beside the files that they became."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from parkqa.corpus.readers.html import ADDRESS
from parkqa.corpus.replacing import replace_file

STATE = ".pages.json"
"""The file with what is known of the pages of a site; hidden, so that it is no document."""
_ADDRESS = re.compile(rf'<meta name="{ADDRESS}" content="([^"]*)">'.encode())
_HEAD_BYTES = 4096
"""Bytes at the beginning of a file in which its address is looked for."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a page: its file, what the server said of its version, and the pages that it leads to.

    ``sha`` is the SHA-256 of the file as it was written, "" where that was not noted: what the server said holds for
    this file alone.
    """

    file: str
    etag: str = ""
    modified: str = ""
    links: tuple[str, ...] = ()
    sha: str = ""

    def stands_in(self, folder: Path) -> bool:
        """Return whether the file is there as it was written."""
        path = folder / self.file
        return path.is_file() and self.sha in ("", digest(path.read_bytes()))


def digest(raw: bytes) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(raw).hexdigest()


def file_name(address: str) -> str:
    """Return the name of the file of a page: legible, and another one for every address."""
    parts = urlsplit(address)
    shown = re.sub(r"[^0-9A-Za-z]+", "-", re.sub(r"\.\w{3,5}$", "", parts.path)).strip("-")[-60:] or "index"
    return f"{shown}-{digest(address.encode())[:8]}.html"


def read_known(folder: Path) -> dict[str, Known]:
    """Return what is known of the pages whose files lie in a folder, by their address.

    Where STATE is missing, damaged or older than a file (someone else has put it there), the file says which page it is
    of, so that no page is forgotten that may be gone by now.
    """
    known = _noted(folder / STATE)
    files = {each.file for each in known.values()}
    for path in sorted(folder.glob("*.html")):
        if path.name not in files and (address := _address(path)):
            known[address] = Known(path.name)
    return known


def write_known(folder: Path, known: Mapping[str, Known]) -> None:
    """Keep what is known of the pages."""
    state = {address: asdict(each) for address, each in sorted(known.items())}
    raw = json.dumps(state, ensure_ascii=False, indent=1).encode()
    replace_file(folder / STATE, lambda aside: aside.write_bytes(raw))


def _noted(path: Path) -> dict[str, Known]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            address: Known(each["file"], each["etag"], each["modified"], tuple(each["links"]), each.get("sha", ""))
            for address, each in found.items()
            if re.fullmatch(r"[\w-]+\.html", each["file"])
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _address(path: Path) -> str:
    """Return the address of the page that a file was made of; "" where its name is not that of this page."""
    try:
        with path.open("rb") as file:
            found = _ADDRESS.search(file.read(_HEAD_BYTES))
    except OSError:
        return ""
    address = unescape(found[1].decode("utf-8", "replace")) if found else ""
    return address if address and file_name(address) == path.name else ""
