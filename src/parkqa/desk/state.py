"""What the desk remembers: the draft, the versions that are kept, and the publications.

All of it is one file that is replaced as a whole, so that every step from one to the next is all or nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from parkqa.desk.folder import write
from parkqa.errors import ParkqaError

VERSIONS = 10
"""Earlier versions of a file that are kept."""
PUBLICATIONS = 50
"""Publications that are remembered; chosen by hand."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file of the draft.

    ``new`` is the SHA-256 of its new content, None where the file is to go; ``base`` that of the file in the corpus
    when it was first changed, None where there was none. ``who`` changed it last, ``at`` (UTC, ISO 8601).
    """

    base: str | None
    new: str | None
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier content of a file, its SHA-256; ``who`` replaced it, ``at`` (UTC, ISO 8601)."""

    sha: str
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A draft that went live.

    ``changes`` maps each file to its SHA-256 before and after (None: there was none). ``before`` and ``after`` are the
    versions of the index. One that has ``begun`` is carried on after a crash; one that is ``undone`` was taken back.
    """

    id: str
    who: str
    at: str
    changes: Mapping[str, tuple[str | None, str | None]]
    before: str
    after: str
    state: Literal["begun", "done", "undone"]


@dataclass(frozen=True, slots=True)
class State:
    """All that the desk remembers: draft and versions by file name, versions and publications newest first."""

    draft: Mapping[str, Change] = field(default_factory=dict)
    versions: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)
    publications: tuple[Publication, ...] = ()

    @property
    def revision(self) -> str:
        """What changes with every change of the draft."""
        draft = {name: (change.base, change.new) for name, change in sorted(self.draft.items())}
        return hashlib.sha256(json.dumps(draft).encode()).hexdigest()[:16]

    @property
    def blobs(self) -> set[str]:
        """The contents that are still needed."""
        drafted = {change.new for change in self.draft.values()}
        kept = {version.sha for versions in self.versions.values() for version in versions}
        latest = self.publications[:1]  # the only one that can be taken back or has to be carried on
        published = {sha for each in latest for pair in each.changes.values() for sha in pair}
        return {sha for sha in drafted | kept | published if sha}


_STATE = TypeAdapter(State)


def read(path: Path) -> State:
    """Read the state; without the file it is empty.

    Raises:
        ParkqaError: the file is no state.
    """
    try:
        return _STATE.validate_json(path.read_bytes())
    except FileNotFoundError:
        return State()
    except (OSError, ValidationError) as error:
        raise ParkqaError(
            f"工作台的 {path.name} 读不了；资料和索引没有动，请从备份恢复它，或把它移走（草稿和旧版本会没有）。",
            f"The desk's {path.name} cannot be read. Documents and index are untouched: restore it from a back-up, or "
            "move it away (the draft and the earlier versions are lost then).",
        ) from error


def save(path: Path, state: State) -> None:
    """Replace the state.

    Raises:
        ParkqaError: it cannot be written; it is as it was.
    """
    write(path, json.dumps(asdict(state), ensure_ascii=False, indent=1).encode())
