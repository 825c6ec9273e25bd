"""Files that come with a form: written to the desk's folder as they come in, within limits, never into memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from fastapi import Request, Response
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from parkqa.corpus.file_checks import MEGABYTE, ON_DISK
from parkqa.desk.folder import saying_what_failed
from parkqa.errors import ParkqaError
from parkqa.web.desk.door import proves
from parkqa.web.desk.view import View
from parkqa.web.paths import UPLOAD_BYTES

MOST_FILES = 20
"""Files of one upload; chosen by hand."""
LIMITS = (MOST_FILES, ON_DISK // MEGABYTE, UPLOAD_BYTES // MEGABYTE)
"""What a page says of them: files, megabytes of one, megabytes of all."""
_FIELD_BYTES, _FIELDS = 4096, 20
_TOKEN = "csrf"
_NOT_UNDERSTOOD = ParkqaError("没有收到文件，请再试一次。", "No file has come; please try again.")


@dataclass
class Received:
    """What came: the fields, and each file as (what the sender calls it, where it lies), in a folder of its own."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, Path]] = field(default_factory=list)

    def chosen(self) -> list[tuple[str, Path]]:
        """Return the files; a browser sends one without a name where none was chosen.

        Raises:
            ParkqaError: there is none.
        """
        if files := [(given, path) for given, path in self.files if given or path.stat().st_size]:
            return files
        raise ParkqaError("没有选文件。", "No file was chosen.")


async def taken(
    view: View, request: Request, work: Callable[[Received], Response], largest: int | None = None
) -> Response:
    """Read a form with files, have ``work`` done with it in a thread, and clear the files away.

    ``largest`` is how many bytes a file may have; None for as many as a document.

    Raises:
        ParkqaError: as ``received`` and ``work`` say.
    """
    with view.desk.folder.aside() as place:
        got = await received(request, place, lambda token: proves(request.session, token), largest or ON_DISK)
        request.state.form = got.fields
        return await asyncio.to_thread(work, got)


def each(
    view: View, request: Request, got: Received, back: str, put: Callable[[Path, str], tuple[str, str]]
) -> Response:
    """Put one file after the other; say of each what has come of it, and go ``back`` if none failed.

    ``put`` takes the file and what the sender calls it, and returns in both languages what has come of it.

    Raises:
        ParkqaError: for some files ``put`` has raised one; the others are put.
    """
    done: list[tuple[str, str]] = []
    failed: list[tuple[str, str]] = []
    for given, path in got.chosen():
        try:
            zh, en = put(path, given)
        except ParkqaError as error:
            failed.append((f"{given}：{error.zh}", f"{given}: {error.en}"))
        else:
            done.append((f"{given}：{zh}", f"{given}: {en}"))
    zh, en = ("\n".join(lines) for lines in zip(*failed, *done, strict=True))
    if failed:
        raise ParkqaError(zh, en)
    return view.done(request, back, zh, en)


async def received(request: Request, place: Path, proves: Callable[[str], bool], largest: int) -> Received:
    """Read a form with files into the empty folder ``place``.

    The token is the first field, and is checked with ``proves`` before a byte of a file is written.

    Raises:
        ParkqaError: the token is missing or wrong, a limit is exceeded, or it cannot be written.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise _NOT_UNDERSTOOD
    reader = _Reader(place, proves, largest)
    parser = MultipartParser(options[b"boundary"], reader.callbacks())  # type: ignore[arg-type]
    total = 0
    try:
        async for chunk in request.stream():
            total += len(chunk)
            if total > UPLOAD_BYTES:
                raise _too_much()
            # In a thread: a slow disk must not keep visitors waiting.
            await asyncio.to_thread(_fed, parser, chunk)
        parser.finalize()
    except MultipartParseError as error:
        raise _NOT_UNDERSTOOD from error
    finally:
        reader.close()
    if not reader.proved:
        raise _NOT_UNDERSTOOD
    return reader.received


def _fed(parser: MultipartParser, chunk: bytes) -> None:
    with saying_what_failed():
        parser.write(chunk)


class _Reader:
    """Takes the parts as the parser finds them."""

    def __init__(self, place: Path, proves: Callable[[str], bool], largest: int) -> None:
        self.received = Received()
        self.proved = False
        self._place = place
        self._proves = proves
        self._largest = largest
        self._header = ("", "")
        self._headers: dict[str, str] = {}
        self._name = ""
        self._value = b""
        self._file: BinaryIO | None = None
        self._size = 0

    def callbacks(self) -> dict[str, Callable[..., None]]:
        """Return what the parser is to call."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._grow(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._grow(1, data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": lambda data, start, end: self._take(data[start:end]),
            "on_part_end": self._end,
        }

    def close(self) -> None:
        """Close the file that is being written."""
        if self._file:
            with suppress(OSError):
                self._file.close()

    def _begin(self) -> None:
        self._headers, self._header, self._value, self._name = {}, ("", ""), b"", ""
        if len(self.received.fields) > _FIELDS:
            raise _NOT_UNDERSTOOD

    def _grow(self, part: int, data: bytes) -> None:
        # Browsers write the names of files in UTF-8; what is none is refused later, as a name with broken characters.
        text = data.decode("utf-8", "surrogateescape")
        name, value = self._header
        self._header = (name + text, value) if part == 0 else (name, value + text)
        if len(name) + len(value) > _FIELD_BYTES:
            raise _NOT_UNDERSTOOD

    def _header_end(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]
        self._header = ("", "")

    def _headers_end(self) -> None:
        raw = self._headers.get("content-disposition", "").encode("utf-8", "surrogateescape")
        _, options = parse_options_header(raw.decode("latin-1"))
        named = {key.decode("latin-1"): value for key, value in options.items()}
        self._name = named.get("name", b"").decode("utf-8", "replace")
        if "filename" in named:
            self._open(named["filename"].decode("utf-8", "surrogateescape"))

    def _open(self, given: str) -> None:
        if not self.proved:
            raise _NOT_UNDERSTOOD
        if len(self.received.files) >= MOST_FILES:
            raise ParkqaError(f"一次最多 {MOST_FILES} 份。", f"At most {MOST_FILES} files at a time.")
        folder = self._place / str(len(self.received.files))
        folder.mkdir()
        self.received.files.append((given, folder / "file"))
        self._file, self._size = (folder / "file").open("xb"), 0

    def _take(self, data: bytes) -> None:
        if self._file:
            self._size += len(data)
            if self._size > self._largest:
                raise _too_large(self._largest)
            self._file.write(data)
            return
        self._value += data
        if len(self._value) > _FIELD_BYTES:
            raise _NOT_UNDERSTOOD

    def _end(self) -> None:
        if self._file:
            self._file.close()
            self._file = None
            return
        value = self._value.decode("utf-8", "replace")
        self.received.fields[self._name] = value
        if self._name == _TOKEN:
            self.proved = self._proves(value)


def _too_large(largest: int) -> ParkqaError:
    size = f"{largest // MEGABYTE} MB"
    return ParkqaError(f"有文件超过 {size}，没有收。", f"A file exceeds {size}; nothing was taken.")


def _too_much() -> ParkqaError:
    size = f"{UPLOAD_BYTES // MEGABYTE} MB"
    return ParkqaError(
        f"一次最多 {size}，没有收；请分几次传。", f"At most {size} at a time, so nothing was taken; send fewer files."
    )
