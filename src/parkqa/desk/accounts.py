"""Who may use the desk: names, each with the scrypt hash of a password."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from parkqa.desk.folder import Folder, write
from parkqa.errors import ParkqaError, SettingsError

SHORTEST, LONGEST = 10, 200
"""Length of a password in characters. The shortest is chosen by hand, with the throttled log-in in mind; the longest
bounds what is hashed."""
FROM_FILE = "desk"
"""The name that goes with the password of PARKQA_DESK_PASSWORD_FILE."""
_NAME = re.compile(r"[\w.-]{1,40}")
_COST, _BLOCK, _PARALLEL = 2**15, 8, 3
"""The parameters of scrypt that OWASP's password storage cheat sheet gives beside N = 2^17, p = 1: they take 32 MB."""
_MEMORY = 64 * 1024**2
_HASH = re.compile(rf"scrypt\$(\d{{1,5}})\${_BLOCK}\${_PARALLEL}\$[0-9a-f]{{32}}\$[0-9a-f]{{64}}")
_ONE_AT_A_TIME = threading.Lock()


class Accounts:
    """The names and passwords of one desk, read anew each time: a change counts at once.

    ``password_file`` is a file that holds one more password, for the name FROM_FILE; None for none.
    """

    def __init__(self, folder: Folder, password_file: Path | None = None) -> None:
        self._folder = folder
        self._file = password_file
        self._of_file = ("", "")

    def names(self) -> list[str]:
        """Return who may log in, in the order of their names."""
        return sorted(self._all())

    def set(self, name: str, password: str) -> None:
        """Give a name a password, a new one if it has one.

        Raises:
            ParkqaError: name or password cannot be used, or cannot be written.
        """
        _check(name, password)
        with self._folder.locked():
            self._write({**self._kept(), name: _hashed(password)})

    def remove(self, name: str) -> bool:
        """Take a name's password away; return whether it had one. Its sessions end with it."""
        with self._folder.locked():
            kept = dict(self._kept())
            had = kept.pop(name, None) is not None
            if had:
                self._write(kept)
            return had

    def proves(self, name: str, password: str) -> bool:
        """Return whether the password is that of the name; an unknown name takes as long as a wrong password."""
        nobody = _nobody()
        kept = self._all().get(name, nobody)
        # One at a time, so that many attempts at once do not take 32 MB each.
        with _ONE_AT_A_TIME:
            right = _matches(password[:LONGEST], kept)
        return right and kept != nobody

    def mark(self, name: str) -> str:
        """Return what changes when the password of a name does, "" for an unknown name: sessions are tied to it."""
        kept = self._all().get(name, "")
        return hashlib.sha256(kept.encode()).hexdigest()[:32] if kept else ""

    def _all(self) -> Mapping[str, str]:
        return {**self._kept(), **self._from_file()}

    def _kept(self) -> Mapping[str, str]:
        try:
            kept: dict[str, str] = json.loads(self._folder.accounts.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ParkqaError(
                "工作台的密码文件读不了，请用 parkqa desk password 重设。",
                "The desk's passwords cannot be read; set them anew with parkqa desk password.",
            ) from error
        return kept

    def _from_file(self) -> Mapping[str, str]:
        if self._file is None:
            return {}
        try:
            password = self._file.read_text(encoding="utf-8").splitlines()[0].strip()
        except (OSError, UnicodeDecodeError, IndexError) as error:
            raise _bad_file() from error
        if not SHORTEST <= len(password) <= LONGEST:
            raise _bad_file()
        if self._of_file[0] != password:
            self._of_file = (password, _hashed(password))
        return {FROM_FILE: self._of_file[1]}

    def _write(self, kept: Mapping[str, str]) -> None:
        write(self._folder.accounts, json.dumps(kept, ensure_ascii=False, indent=1).encode())


def check(file: Path) -> None:
    """Check a file of passwords that comes from elsewhere.

    Raises:
        ValueError: it is none.
    """
    kept = json.loads(file.read_bytes())
    if not isinstance(kept, dict) or not all(_NAME.fullmatch(name) for name in kept):
        raise ValueError("no names")
    costs = [found and int(found[1]) for found in map(_HASH.fullmatch, map(str, kept.values()))]
    if not all(cost and cost <= _COST and cost & (cost - 1) == 0 for cost in costs):
        raise ValueError("no hashes")


@cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    return _hashed(secrets.token_hex(32))


def _bad_file() -> SettingsError:
    return SettingsError(
        f"PARKQA_DESK_PASSWORD_FILE 的第一行应是密码（{SHORTEST} 到 {LONGEST} 个字），现在读不到。",
        f"The first line of PARKQA_DESK_PASSWORD_FILE must be a password of {SHORTEST} to {LONGEST} characters, and it "
        "is none.",
    )


def _check(name: str, password: str) -> None:
    if not _NAME.fullmatch(name):
        raise ParkqaError(
            "名字只用文字、数字和 . - _，最多 40 个字。",
            "A name has letters, digits and . - _ only, at most 40 of them.",
        )
    if not SHORTEST <= len(password) <= LONGEST:
        raise ParkqaError(
            f"密码要有 {SHORTEST} 到 {LONGEST} 个字。", f"A password has {SHORTEST} to {LONGEST} characters."
        )


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, _COST, _BLOCK, _PARALLEL)
    return f"scrypt${_COST}${_BLOCK}${_PARALLEL}${salt.hex()}${digest.hex()}"


def _matches(password: str, kept: str) -> bool:
    _, cost, block, parallel, salt, digest = kept.split("$")
    found = _scrypt(password, bytes.fromhex(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, bytes.fromhex(digest))


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=_MEMORY, dklen=32)
