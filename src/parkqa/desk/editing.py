"""What staff do with documents: each deed checks what it is given and changes the draft, all or nothing."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace as altered
from pathlib import Path

from parkqa.corpus.curation import config, edits, faq, park, sites
from parkqa.corpus.documents import OWN
from parkqa.desk.files import File, Files
from parkqa.desk.folder import saying_what_failed
from parkqa.desk.names import file_name
from parkqa.desk.readings import Readings
from parkqa.desk.shelf import Overtaken, Shelf
from parkqa.errors import ParkFileError, ParkqaError

LONGEST_TITLE = 200
"""Largest length of a title in characters; chosen by hand."""
LONGEST_TEXT = 2_000_000
"""Largest length of a curated file in characters, chosen by hand: the shipped glossary has 30,000."""
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:月|[-/.月](\d{1,2})日?)?")


def add(shelf: Shelf, readings: Readings, file: Path, given: str, folder: str, who: str) -> str:
    """Put a new file into the draft, after it was read as a build reads it; return its name.

    Args:
        shelf: the files.
        readings: keeps how it is read.
        file: what was uploaded; it is moved.
        given: what the sender calls it.
        folder: the folder of the corpus to put it into.
        who: the name of the person.

    Raises:
        DocumentError: it cannot be read or may not be called that; nothing has changed.
        Overtaken: there is a file of that name.
    """
    there = shelf.files()
    name = file_name(given, folder, there.present.keys() | there.gone.keys())
    if name in there.present:
        raise _exists(name)
    return _put(shelf, readings, file, name, "", who)


def replace(shelf: Shelf, readings: Readings, file: Path, name: str, seen: str, who: str) -> str:
    """Replace a file by what was uploaded; the arguments and errors are those of ``add``.

    ``seen`` is the SHA-256 of the file as the person saw it.
    """
    _present(shelf.files(), name)
    return _put(shelf, readings, file, name, seen, who)


def _put(shelf: Shelf, readings: Readings, file: Path, name: str, seen: str, who: str) -> str:
    named = file.parent / "named" / name
    named.parent.mkdir(parents=True)
    file.rename(named)
    readings.whole(File(name, named, "", 0), {})
    sha = shelf.blobs.take(named)
    shelf.change(who, {name: sha}, {name: seen})
    there = shelf.files()
    if name in there.present:
        [*readings.read([(there.present[name], shelf.particulars(there).get(name, {}))])]
    return name


def write(shelf: Shelf, readings: Readings, file: Path, title: str, text: str, who: str) -> str:
    """Put a new document into the draft that has a title and some paragraphs; return its name.

    ``file`` is where it is written first.

    Raises:
        ParkqaError: there is no title or no text, or no file may be called by the title.
    """
    title, text = title.strip(), text.replace("\r\n", "\n").strip()
    if not title or not text or len(title) > LONGEST_TITLE or len(text) > LONGEST_TEXT:
        raise ParkqaError("请写标题和正文。", "Write a title and a text.")
    with saying_what_failed():
        file.write_text(f"# {title}\n\n{text}\n", encoding="utf-8")
    return add(shelf, readings, file, f"{title}.md", "", who)


def retire(shelf: Shelf, name: str, seen: str, who: str) -> None:
    """Take a file away; its versions are kept."""
    _present(shelf.files(), name)
    shelf.change(who, {name: None}, {name: seen})


def rename(shelf: Shelf, name: str, given: str, seen: str, who: str) -> str:
    """Give a file another name in its folder, in park.yaml and faq.yaml too; return its name.

    Raises:
        DocumentError: it may not be called that.
        ParkFileError: one of the curated files cannot be edited.
        Overtaken: somebody else has changed it.
    """
    there = shelf.files()
    file = _present(there, name)
    folder = "/".join(Path(name).parts[:-1])
    suffix = Path(name).suffix
    given = given if given.lower().endswith(suffix.lower()) else given + suffix
    new = file_name(given, folder, (there.present.keys() | there.gone.keys()) - {name})
    if new in there.present:
        raise _exists(new)
    changes: dict[str, str | None] = {name: None, new: shelf.blobs.copy(file.path)}
    before = {name: seen, new: ""}
    for own, change in ((park.FILE, edits.with_renamed_particulars), (faq.FILE, edits.with_renamed_answers)):
        text = shelf.text(own, there)
        after = edited(own, lambda change=change, text=text: change(text, name, new))  # type: ignore[misc]
        if after != text:
            changes[own] = shelf.put_text(own, after, there)
            before[own] = there.present[own].sha
    shelf.change(who, changes, before)
    return new


def bring_back(shelf: Shelf, name: str, sha: str, seen: str, who: str) -> None:
    """Make an earlier version of a file the one of the draft.

    Raises:
        ParkqaError: that version is not kept any more.
        Overtaken: somebody else has changed it.
    """
    versions = shelf.state().versions.get(name, ())
    if sha not in {version.sha for version in versions} or not shelf.blobs.path(sha).exists():
        raise ParkqaError("没有保留这个版本。", "That version is not kept.")
    if name == sites.FILE:
        check_sites(shelf, sha)
    shelf.change(who, {name: sha}, {name: seen})


def drop(shelf: Shelf, name: str) -> None:
    """Forget what the draft does to a file; it is again as it is in the corpus folder."""
    shelf.replace(lambda state, _: altered(state, draft={n: c for n, c in state.draft.items() if n != name}))


def seen_particulars(particulars: Mapping[str, Mapping[str, str]], name: str) -> str:
    """Return what changes with the particulars of a document, for ``describe``."""
    return hashlib.sha256(json.dumps(sorted(particulars.get(name, {}).items())).encode()).hexdigest()[:16]


def describe(shelf: Shelf, name: str, values: Mapping[str, str], seen: str, who: str) -> None:
    """Set title, date, last day and "staff only" of a document in park.yaml; "" takes one away.

    Raises:
        ParkqaError: a value cannot be used, or park.yaml cannot be edited.
        Overtaken: somebody else has changed them.
    """
    there = shelf.files()
    _present(there, name)
    if seen_particulars(shelf.particulars(there), name) != seen:
        raise Overtaken(
            f"您打开以后，有人改了 {name} 的标题或日期，您的改动没有保存。请看过现在的再改。",
            f"Somebody has changed the particulars of {name} since you opened it, and your change was not saved. Look "
            "at them as they are now, then change them again.",
        )
    given = {key: _particular(key, value.strip()) for key, value in values.items() if key in park.PARTICULARS}
    text = shelf.text(park.FILE, there)
    after = edited(park.FILE, lambda: edits.with_particulars(text, name, given))
    save_text(shelf, there, park.FILE, after, who)


def _particular(key: str, value: str) -> str | bool:
    if key == park.STAFF_ONLY:
        return value in ("on", "true")
    if len(value) > LONGEST_TITLE or any(not char.isprintable() and char != "\u3000" for char in value):
        raise ParkqaError(
            f"标题和日期写一行，最多 {LONGEST_TITLE} 个字。",
            f"Title and date are one line of at most {LONGEST_TITLE} characters.",
        )
    if key == "date" and _is_no_day(value):
        raise ParkqaError(
            f"没有 {value} 这一天。日期可以写成 2026-05-01、2026-05 或 2026。",
            f"There is no day {value}. A date can be written as 2026-05-01, 2026-05 or 2026.",
        )
    if key == "valid_until" and value and not park.is_day(value):
        raise ParkqaError(
            "有效期应写成 2026-12-31 这样的一天。", "The last day must be written as a day such as 2026-12-31."
        )
    return value


def _is_no_day(text: str) -> bool:
    """Return whether a text is a date by its form, of a day or a month that there is not.

    >>> [text for text in ("2026-05", "2026年2月30日", "2026-13-45", "去年", "2024-2025", "") if _is_no_day(text)]
    ['2026年2月30日', '2026-13-45']
    """
    found = _DATE.fullmatch(text)
    return found is not None and not park.is_day(f"{found[1]}-{found[2]:0>2}-{found[3] or '1':0>2}")


def write_text(shelf: Shelf, name: str, text: str, seen: str, who: str) -> None:
    """Replace the text of park.yaml, glossary.yaml, faq.yaml or sites.yaml.

    Raises:
        ParkFileError: it cannot be used; the error names the line.
        Overtaken: somebody else has changed it.
    """
    if name not in OWN or len(text) > LONGEST_TEXT:
        raise ParkqaError("这个文件不能在这里改。", "That file cannot be changed here.")
    save_text(shelf, shelf.files(), name, text.replace("\r\n", "\n"), who, seen)


def save_text(shelf: Shelf, there: Files, name: str, text: str, who: str, seen: str | None = None) -> None:
    """Save the text of a curated file, after it was read as a build reads it.

    Raises:
        ParkFileError: it cannot be used; the error names the line.
        Overtaken: it is not what was ``seen``; without that, not what is ``there``.
    """
    with shelf.curated(there, {name: text}) as place:
        try:
            config.read_curated(place)
            if name == sites.FILE:
                _check_private(sites.read_sites(place), sites.read_sites(shelf.corpus))
        except ParkFileError as error:
            raise _without_place(error, place) from error
    was = there.present[name].sha if name in there.present else ""
    shelf.change(who, {name: shelf.put_text(name, text, there)}, {name: was if seen is None else seen})


def check_sites(shelf: Shelf, sha: str) -> None:
    """Refuse to make a kept ``sites.yaml`` that of the draft if it names more of the network than the present one.

    Raises:
        ParkFileError: it does.
    """
    text = shelf.blobs.path(sha).read_text(encoding="utf-8", errors="replace")
    with shelf.curated(None, {sites.FILE: text}) as place:
        try:
            wanted = sites.read_sites(place)
        except ParkFileError:  # nothing is fetched by one that cannot be read
            return
        _check_private(wanted, sites.read_sites(shelf.corpus))


def _check_private(wanted: Sequence[sites.Site], there: Sequence[sites.Site]) -> None:
    """Keep whoever has a password of the desk from having the server look around in its network."""
    known = {site.host for site in there if site.private}
    if new := [site.host for site in wanted if site.private and site.host not in known]:
        raise ParkFileError(
            sites.FILE,
            0,
            f"{'、'.join(new)} 的 private: true 只能在服务的电脑上写进 {sites.FILE}。",
            f"private: true of {', '.join(new)} can only be written to {sites.FILE} on the server's machine.",
        )


def _without_place(error: ParkFileError, place: Path) -> ParkFileError:
    """Return the error with the name of the file alone: it lies in a folder that nobody knows."""
    name = Path(error.path).name
    zh, en = (
        text.replace(f"{place}/", "").split("：" if text is error.zh else ": ", 1)[-1] for text in (error.zh, error.en)
    )
    return ParkFileError(name, error.line, zh, en)


def edited(name: str, change: Callable[[], str]) -> str:
    """Return what an edit makes of a curated file; raise ParkFileError if it cannot be made."""
    try:
        return change()
    except edits.BadEdit as error:
        raise ParkFileError(
            name,
            0,
            "里面有写错或写重的项，改不了，请先在“词表与设置”里改正。",
            "there are mistakes in it, or a key stands twice; correct it under “Words and settings” first.",
        ) from error


def _present(there: Files, name: str) -> File:
    if name not in there.present or name in OWN:
        raise ParkqaError(
            f"没有 {name} 这份资料，也许别人已经改名或撤下。",
            f"There is no document {name}; somebody may have renamed or retired it.",
        )
    return there.present[name]


def _exists(name: str) -> Overtaken:
    return Overtaken(
        f"已经有 {name} 了。要换成新的，请打开它点“换成新文件”；要两份都留，请改名再传。",
        f"There is a {name} already. To replace it, open it and choose “Replace”; to keep both, rename the new one.",
    )
