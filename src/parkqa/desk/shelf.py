"""The corpus folder and the draft over it: looked at, and changed by one person after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from parkqa.corpus.curation.park import FILE as PARK
from parkqa.corpus.curation.park import load_park
from parkqa.corpus.documents import OWN
from parkqa.desk import state as states
from parkqa.desk.audit import now
from parkqa.desk.blobs import Blobs
from parkqa.desk.files import Files, Hashes, files
from parkqa.desk.folder import Folder
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
        self.replace(lambda state, there: _changed(state, there, who, edits, seen or {}))

    def replace(self, step: Callable[[State, Files], State]) -> State:
        """Replace the state by what ``step`` makes of it, while nobody else does; return the new one."""
        with self.folder.locked():
            before = self.state()
            after = step(before, self.files(before))
            if after != before:
                states.save(self.folder.state, after)
            return after

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
        """A folder with park.yaml, glossary.yaml and faq.yaml as the draft has them, or as ``texts`` does."""
        with TemporaryDirectory(prefix="parkqa-desk-") as place:
            for name in sorted(OWN):
                text = (texts or {}).get(name, self.text(name, there))
                if text:
                    Path(place, name).write_text(text, encoding="utf-8")
            yield Path(place)

    def particulars(self, there: Files | None = None) -> Mapping[str, Mapping[str, str]]:
        """Return what park.yaml, as the draft has it, says of the documents; nothing where it is wrong."""
        try:
            text = self.text(PARK, there)
            with TemporaryDirectory(prefix="parkqa-desk-") as place:
                Path(place, PARK).write_text(text, encoding="utf-8")
                return load_park(Path(place)).documents
        except (ParkFileError, UnicodeDecodeError):
            return {}


def _changed(state: State, there: Files, who: str, edits: Edits, seen: Mapping[str, str]) -> State:
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
