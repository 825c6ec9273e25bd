"""Seals a file with a passphrase: scrypt makes the key, AES-256-GCM encrypts and shows every altered byte.

::

    magic, salt (16 bytes), nonce (12), proof (16)      authenticated, in the open
    the content, encrypted
    tag (16)

The proof comes out of scrypt beside the key; it tells a wrong passphrase from a damaged file.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from parkqa.errors import ParkqaError

MAGIC = b"parkqa back-up, sealed 1\n"
SHORTEST = 10
"""Characters of the shortest passphrase, as of a password: who has the file can try as many as they like."""
_SALT, _NONCE, _PROOF, _TAG = 16, 12, 16, 16
_HEAD = len(MAGIC) + _SALT + _NONCE + _PROOF
_COST, _BLOCK, _PARALLEL = 2**15, 8, 3
"""The parameters of scrypt as for passwords (``accounts``), which take 32 MB; a file does not choose them."""
_MEMORY = 64 * 1024**2
_PIECE = 1024**2


class Damaged(ParkqaError):
    """A file is no back-up, or not as it was written."""


class Locked(ParkqaError):
    """A back-up has a passphrase, and none or a wrong one was given."""


class Sealer:
    """Writes what it is given to a file, encrypted; ``close`` ends the content and leaves the file open."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
        key, proof = _derived(passphrase, salt)
        head = MAGIC + salt + nonce + proof
        self._file = file
        self._encryptor = Cipher(AES(key), GCM(nonce)).encryptor()
        self._encryptor.authenticate_additional_data(head)
        file.write(head)

    def write(self, data: bytes) -> int:
        """Encrypt and write some bytes."""
        self._file.write(self._encryptor.update(data))
        return len(data)

    def flush(self) -> None:
        """Flush the file."""
        self._file.flush()

    def close(self) -> None:
        """End the content."""
        self._file.write(self._encryptor.finalize() + self._encryptor.tag)


def is_sealed(file: Path) -> bool:
    """Return whether a file is sealed, by its first bytes."""
    with file.open("rb") as source:
        return source.read(len(MAGIC)) == MAGIC


def unsealed(file: Path, passphrase: str, into: Path) -> None:
    """Decrypt a sealed file into a new one, which is only to be read once this has returned.

    Raises:
        Locked: the passphrase is missing or wrong.
        Damaged: the file is not as it was written.
        OSError: one of them cannot be read or written.
    """
    if not passphrase:
        raise Locked(
            "这份备份有密码，请给出密码；什么也没有改。", "This back-up has a passphrase; give it. Nothing was changed."
        )
    size = file.stat().st_size - _HEAD - _TAG
    with file.open("rb") as source, into.open("xb") as target:
        head = source.read(_HEAD)
        salt, nonce, proof = head[len(MAGIC) : -_NONCE - _PROOF], head[-_NONCE - _PROOF : -_PROOF], head[-_PROOF:]
        if size < 0:
            raise damaged()
        key, right = _derived(passphrase, salt)
        if not hmac.compare_digest(proof, right):
            raise Locked("备份的密码不对，什么也没有改。", "The passphrase is wrong, and nothing was changed.")
        source.seek(-_TAG, 2)
        decryptor = Cipher(AES(key), GCM(nonce, source.read(_TAG))).decryptor()
        decryptor.authenticate_additional_data(head)
        source.seek(_HEAD)
        while piece := source.read(min(size, _PIECE)):
            size -= len(piece)
            target.write(decryptor.update(piece))
        try:
            decryptor.finalize()
        except InvalidTag as error:
            raise damaged() from error


def damaged() -> Damaged:
    """Return the error for a file that cannot be restored."""
    return Damaged(
        "这不是 parkqa 的备份，或者文件不完整、被改过；什么也没有改。请换一份完好的。",
        "This is no back-up of parkqa, or it is cut off or was altered. Nothing was changed; take an undamaged one.",
    )


def _derived(passphrase: str, salt: bytes) -> tuple[bytes, bytes]:
    made = hashlib.scrypt(
        passphrase.encode("utf-8", "surrogateescape"),
        salt=salt,
        n=_COST,
        r=_BLOCK,
        p=_PARALLEL,
        maxmem=_MEMORY,
        dklen=32 + _PROOF,
    )
    return made[:32], made[32:]
