"""Which store it is: the folder of the index (FAISS), or the database that PARKQA_STORE names (PostgreSQL)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from parkqa.errors import StoreError
from parkqa.settings import Settings
from parkqa.store.content import Content, Draft
from parkqa.store.manifest import Manifest
from parkqa.types import Encoder, FaissKind, Progress, Store


class Backend(Protocol):
    """A kind of store at one place: builds are made there, and the current one is opened."""

    @property
    def place(self) -> str:
        """Where it is, for messages; of a database without user and password."""
        ...

    def open(self, encoder: str | None = None) -> Store:
        """Open the current build; ``encoder`` is the fingerprint that it must have been made with.

        Raises:
            StoreError: it cannot be served; says why and what to do.
        """
        ...

    def drafted(
        self, content: Content, encoder: Encoder, progress: Progress | None = None
    ) -> AbstractContextManager[Draft]:
        """Build ``content``; it becomes the current build when the draft is published, all or nothing.

        Raises:
            IndexLocked: another build is still at work; says who.
            StoreError: it cannot be written; the build that was there stays.
            ModelError: the encoder gave something else than vectors.
        """
        ...

    def manifest(self) -> Manifest:
        """Return the manifest of the current build.

        Raises:
            StoreError: there is none, or it cannot be read.
        """
        ...

    def version(self) -> str:
        """Return the ``version`` of the current build: another than an open store has, and there is a newer one.

        Cheap enough to be asked every second.

        Raises:
            StoreError: there is none, or it cannot be read.
        """
        ...

    def faults(self) -> list[StoreError]:
        """Return all that is wrong with the current build, nothing when it can be served."""
        ...


def backend(settings: Settings) -> Backend:
    """Return the backend that the settings name; nothing is opened yet."""
    if settings.store is None:
        return LocalBackend(settings.index, settings.faiss)
    return PostgresBackend(settings.store)


@dataclass(frozen=True, slots=True)
class LocalBackend:
    """A folder of this machine; ``kind`` is of the FAISS index that is built."""

    directory: Path
    kind: FaissKind = "auto"

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.directory)

    def open(self, encoder: str | None = None) -> Store:
        """Open the current version."""
        from parkqa.store.local.index import open_index

        return open_index(self.directory, encoder)

    def drafted(
        self, content: Content, encoder: Encoder, progress: Progress | None = None
    ) -> AbstractContextManager[Draft]:
        """Build aside, then swap."""
        from parkqa.store.local.writer import drafted

        return drafted(self.directory, content, encoder, progress, kind=self.kind)

    def manifest(self) -> Manifest:
        """Read the manifest alone."""
        from parkqa.store.local.versions import read_manifest

        return read_manifest(self.directory)

    def version(self) -> str:
        """Read the pointer alone."""
        from parkqa.store.local.versions import current_version

        return current_version(self.directory)

    def faults(self) -> list[StoreError]:
        """Check every file against its SHA-256."""
        from parkqa.store.local.versions import verify

        return verify(self.directory)


@dataclass(frozen=True, slots=True)
class PostgresBackend:
    """A database; its driver is imported when it is first used (extra ``postgres``)."""

    address: SecretStr

    @property
    def place(self) -> str:
        """The database's name, without user and password."""
        from parkqa.store.postgres.connection import name

        return name(self.address)

    def open(self, encoder: str | None = None) -> Store:
        """Open the current build."""
        from parkqa.store.postgres.index import open_postgres

        return open_postgres(self.address, encoder)

    def drafted(
        self, content: Content, encoder: Encoder, progress: Progress | None = None
    ) -> AbstractContextManager[Draft]:
        """Build in one transaction."""
        from parkqa.store.postgres.writer import drafted

        return drafted(self.address, content, encoder, progress)

    def manifest(self) -> Manifest:
        """Read the manifest alone."""
        from parkqa.store.postgres.connection import database
        from parkqa.store.postgres.index import current

        return current(database(self.address))[1]

    def version(self) -> str:
        """Have the database hash the current manifest."""
        from parkqa.store.postgres.connection import database
        from parkqa.store.postgres.index import version

        return version(database(self.address))

    def faults(self) -> list[StoreError]:
        """Count the rows of each table."""
        from parkqa.store.postgres.index import faults

        return faults(self.address)
