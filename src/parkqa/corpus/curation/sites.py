"""Web sites whose pages are documents (``sites.yaml``), read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from parkqa.corpus.curation.yaml_source import read_list
from parkqa.errors import ParkFileError
from parkqa.settings import web_address

FILE = "sites.yaml"


@dataclass(frozen=True, slots=True)
class Site:
    """A web site.

    Attributes:
        address: where it begins; pages of the same host whose path begins alike are its pages.
        leave_out: pages whose path and query hold one of these are not fetched.
        days: how many days pass before it is fetched again.
        pages: most pages that are fetched.
        pause: seconds between two requests.
        private: whether it may be on this machine or in a private network.
    """

    address: str
    leave_out: tuple[str, ...] = ()
    days: float = 1
    pages: int = 500
    pause: float = 1
    private: bool = False

    @property
    def host(self) -> str:
        """Host and port as they stand in addresses."""
        return urlsplit(self.address).netloc


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    address: Annotated[str, AfterValidator(web_address)]
    leave_out: list[str] = []
    days: float | int = Field(1, ge=0, le=365)
    pages: int = Field(500, ge=1, le=20_000)
    pause: float | int = Field(1, ge=0, le=60)
    private: bool = False


def read_sites(corpus: Path) -> tuple[Site, ...]:
    """Read ``sites.yaml`` in a corpus folder; without the file there are none.

    Raises:
        ParkFileError: the file is malformed; the error names the line.
    """
    path = corpus / FILE
    sites = [_site(path, entry, line) for entry, line in read_list(path)] if path.exists() else []
    hosts: set[str] = set()
    for site in sites:
        if site.host in hosts:
            raise ParkFileError(
                path, 0, f"{site.host} 写了两次，请合成一条。", f"{site.host} stands twice; make it one."
            )
        hosts.add(site.host)
    return tuple(sites)


def _site(path: Path, entry: Any, line: int) -> Site:
    try:
        made = _Entry.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "address"
        raise ParkFileError(
            path,
            line,
            f"{name} 不对：应写 address: https://网址，可加 leave_out（列表）、days、pages、pause、private。",
            f"{name} is wrong ({first['msg']}): `address: https://…` is expected, and leave_out (a list), days, pages, "
            "pause and private may be added.",
        ) from error
    return Site(made.address, tuple(made.leave_out), made.days, made.pages, made.pause, made.private)
