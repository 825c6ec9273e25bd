"""The corpus folder and the draft over it: looked at, and changed by one person after the other."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from parkqa.corpus.curation.contact import LARGEST, PICTURES
from parkqa.corpus.curation.park import FILE as PARK
from parkqa.corpus.curation.park import Park, load_park
from parkqa.corpus.documents import OWN
from parkqa.desk import state as states
from parkqa.desk.audit import now
from parkqa.desk.blobs import Blobs
from parkqa.desk.files import Files, Hashes, files
from parkqa.desk.folder import Folder, saying_what_failed
from parkqa.desk.state import Change, State
from parkqa.errors import ParkFileError, ParkqaError

Edits = Mapping[str, str | None]
"""Name of each file to the SHA-256 of its new content, which is among the blobs; None to take it away."""


class Overtaken(ParkqaError):
    """What somebody wanted to change has been changed by somebody else since it was shown."""


class Shelf:
    """What is in the corpus folder, what the draft makes of it, and what is kept of earlier versions."""

    def __init__(self, corpus: Path, folder: Folder) -> None:
        self.corpus = corpus
        self.folder = folder
        self.blobs = Blobs(folder.blobs)
        self._hashes = Hashes()

    def state(self) -> State:
        """Read the state.

        Raises:
            ParkqaError: it cannot be read.
        """
        return states.read(self.folder.state)

    def files(self, state: State | None = None) -> Files:
        """Look at the files."""
        return files(self.corpus, state or self.state(), self.blobs, self._hashes)

    def change(self, who: str, edits: Edits, seen: Mapping[str, str] | None = None) -> None:
        """Change files in the draft, all or none of them.

        Args:
            who: the name of the person.
            edits: the changes.
            seen: the SHA-256 of each file as the person saw it, "" where there was none; a file that is not named is
                not compared.

        Raises:
            Overtaken: somebody else has changed one of them since.
            ParkqaError: it cannot be saved; nothing has changed.
        """
        self.replace(lambda state, there: changed(state, there, who, edits, seen or {}))

    def check_seen(self, seen: Mapping[str, str], there: Files) -> None:
        """See that files are as a person saw them; see ``change``, which is to be called then.

        Raises:
            Overtaken: somebody else has changed one of them since.
        """
        for name, sha in seen.items():
            if sha != (there.present[name].sha if name in there.present else ""):
                raise _overtaken(name, self.state().draft.get(name))

    def replace(self, step: Callable[[State, Files], State]) -> State:
        """Replace the state by what ``step`` makes of it, while nobody else does; return the new one."""
        with self.folder.locked():
            before = self.state()
            after = step(before, self.files(before))
            if after != before:
                states.save(self.folder.state, after)
            return after

    def sweep(self, state: State) -> None:
        """Remove contents that the state does not need; none while a back-up that needs them is not in place yet."""
        if not self.folder.restoring.exists():
            self.blobs.sweep(state.blobs)

    def text(self, name: str, there: Files | None = None) -> str:
        """Return the text of one of the curated files as the draft has it, "" if there is none."""
        found = (there or self.files()).present.get(name)
        return found.path.read_text(encoding="utf-8-sig") if found else ""

    def put_text(self, name: str, text: str, there: Files) -> str:
        """Keep a text for a curated file, with the line ends of the one that is there; return its SHA-256.

        Raises:
            ParkqaError: it cannot be written.
        """
        found = there.present.get(name)
        windows = found is not None and b"\r\n" in found.path.read_bytes()
        return self.blobs.put((text.replace("\n", "\r\n") if windows else text).encode())

    @contextmanager
    def curated(self, there: Files | None = None, texts: Mapping[str, str] | None = None) -> Iterator[Path]:
        """A folder with park.yaml, glossary.yaml and faq.yaml as the draft has them, or as ``texts`` does.

        The pictures that park.yaml names are there too: it is only right with them.
        """
        there = there or self.files()
        with TemporaryDirectory(prefix="parkqa-desk-") as place:
            for name in sorted(OWN):
                text = (texts or {}).get(name, self.text(name, there))
                if text:
                    Path(place, name).write_text(text, encoding="utf-8")
            _put_pictures(there, (texts or {}).get(PARK, self.text(PARK, there)), Path(place))
            yield Path(place)

    def park(self, there: Files | None = None) -> Park:
        """Return park.yaml as the draft has it; the defaults where it is wrong."""
        there = there or self.files()
        try:
            text = self.text(PARK, there)
            with TemporaryDirectory(prefix="parkqa-desk-") as place:
                Path(place, PARK).write_text(text, encoding="utf-8")
                _put_pictures(there, text, Path(place))
                return load_park(Path(place))
        except (ParkFileError, UnicodeDecodeError):
            return Park()

    def particulars(self, there: Files | None = None) -> Mapping[str, Mapping[str, str]]:
        """Return what park.yaml, as the draft has it, says of the documents; nothing where it is wrong."""
        return self.park(there).documents


def _put_pictures(there: Files, text: str, place: Path) -> None:
    """Put the pictures into a folder whose names stand in a text; those that it does not name may come along."""
    for name, file in there.present.items():
        if Path(name).suffix.lower() in PICTURES and name in text and file.size <= LARGEST:
            with saying_what_failed():
                Path(place, name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.path, Path(place, name))


def changed(state: State, there: Files, who: str, edits: Edits, seen: Mapping[str, str]) -> State:
    """Return the state with files changed in its draft; arguments as for ``Shelf.change``.

    Raises:
        Overtaken: somebody else has changed one of them since it was seen.
    """
    draft = dict(state.draft)
    for name, new in edits.items():
        current = there.present[name].sha if name in there.present else ""
        if name in seen and seen[name] != current:
            raise _overtaken(name, draft.get(name))
        if (new or "") == current:
            continue
        base = draft[name].base if name in draft else there.live.get(name)
        if new == base:
            del draft[name]
        else:
            draft[name] = Change(base, new, who, now())
    return replace(state, draft=draft)


def _overtaken(name: str, change: Change | None) -> Overtaken:
    zh, en = (f"{change.who} 已经", f"{change.who} has") if change else ("有人已经", "Somebody has")
    return Overtaken(
        f"您打开以后，{zh}改了 {name}，您的改动没有保存。请看过现在的内容再改。",
        f"{en} changed {name} since you opened it, and your change was not saved. Look at it as it is now, then change "
        "it again.",
    )
