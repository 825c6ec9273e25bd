"""The choice of the store: a local folder (FAISS), or the PostgreSQL database that PARKQA_STORE names."""

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
    """A place where indexes are built and opened. One build is the current one."""

    @property
    def place(self) -> str:
        """The location for messages; for a database, without user and password."""
        ...

    def open(self, encoder: str | None = None) -> Store:
        """Open the current build.

        Args:
            encoder: fingerprint of the embedding model that it must have been built with; None accepts any.

        Raises:
            StoreError: there is no usable build.
        """
        ...

    def drafted(
        self, content: Content, encoder: Encoder, progress: Progress | None = None
    ) -> AbstractContextManager[Draft]:
        """Build an index; it replaces the current build atomically when the draft is published.

        Args:
            content: what the index is to hold.
            encoder: the embedding model.
            progress: called with the number of texts embedded so far and the number to embed.

        Raises:
            IndexLocked: another build is still running.
            StoreError: the index cannot be written; the current build is unaffected.
            ModelError: the embedding model returned unusable vectors.
        """
        ...

    def manifest(self) -> Manifest:
        """Return the manifest of the current build.

        Raises:
            StoreError: there is no build, or it cannot be read.
        """
        ...

    def version(self) -> str:
        """Return the version of the current build, cheaply enough for polling every second.

        If it differs from ``Store.version`` of an open store, there is a newer build.

        Raises:
            StoreError: it cannot be read.
        """
        ...

    def built(self) -> float:
        """Return when the current build was made current, as POSIX time in seconds; cheap.

        Raises:
            StoreError: there is no build, or it cannot be read.
        """
        ...

    def faults(self) -> list[StoreError]:
        """Verify the current build; return all problems found, an empty list if there are none."""
        ...

    def adopt(self, source: Path, version: str, corpus: str) -> bool:
        """Make a build that the index folder ``source`` holds the current one, without building it again.

        Args:
            source: an index folder.
            version: the version of the build.
            corpus: the fingerprint of the corpus that it must have been built from.

        Returns:
            Whether it is; False where this backend cannot do so or ``source`` does not hold that build whole.

        Raises:
            StoreError: it cannot be written; the current build is unaffected.
        """
        ...


def backend(settings: Settings) -> Backend:
    """Return the backend that the settings select, without opening anything.

    >>> from parkqa.settings import load_settings
    >>> backend(load_settings(index="/srv/index")).place  # doctest: +SKIP
    '/srv/index'
    """
    if settings.store is None:
        return LocalBackend(settings.index, settings.faiss)
    return PostgresBackend(settings.store)


@dataclass(frozen=True, slots=True)
class LocalBackend:
    """The store in a local folder; ``kind`` is the kind of FAISS index to build."""

    directory: Path
    kind: FaissKind = "auto"

    @property
    def place(self) -> str:
        """The path of the folder."""
        return str(self.directory)

    def open(self, encoder: str | None = None) -> Store:
        """Open the current version and verify all its files."""
        from parkqa.store.local.index import open_index

        return open_index(self.directory, encoder)

    def drafted(
        self, content: Content, encoder: Encoder, progress: Progress | None = None
    ) -> AbstractContextManager[Draft]:
        """Build in a temporary folder; publishing renames it and swaps the pointer."""
        from parkqa.store.local.writer import drafted

        return drafted(self.directory, content, encoder, progress, kind=self.kind)

    def manifest(self) -> Manifest:
        """Read the manifest without verifying the other files."""
        from parkqa.store.local.versions import read_manifest

        return read_manifest(self.directory)

    def version(self) -> str:
        """Read the version from the pointer file."""
        from parkqa.store.local.versions import current_version

        return current_version(self.directory)

    def built(self) -> float:
        """Return the time of the pointer file; that of a copied folder is the time of the copy."""
        from parkqa.store.local.versions import built

        return built(self.directory)

    def faults(self) -> list[StoreError]:
        """Compare every file with its SHA-256."""
        from parkqa.store.local.versions import verify

        return verify(self.directory)

    def adopt(self, source: Path, version: str, corpus: str) -> bool:
        """Copy the version, prove it and swap the pointer."""
        from parkqa.store.local.writer import adopt

        return adopt(self.directory, source, version, corpus)


@dataclass(frozen=True, slots=True)
class PostgresBackend:
    """The store in a PostgreSQL database; needs the extra ``postgres``, which is imported on first use."""

    address: SecretStr

    @property
    def place(self) -> str:
        """The address of the database without user and password."""
        from parkqa.store.postgres.connection import name

        return name(self.address)

    def open(self, encoder: str | None = None) -> Store:
        """Open the current build."""
        from parkqa.store.postgres.index import open_postgres

        return open_postgres(self.address, encoder)

    def drafted(
        self, content: Content, encoder: Encoder, progress: Progress | None = None
    ) -> AbstractContextManager[Draft]:
        """Build in a new schema; publishing marks it as the current build."""
        from parkqa.store.postgres.writer import drafted

        return drafted(self.address, content, encoder, progress)

    def manifest(self) -> Manifest:
        """Read the manifest of the current build."""
        from parkqa.store.postgres.builds import current
        from parkqa.store.postgres.connection import database

        return current(database(self.address))[1]

    def version(self) -> str:
        """Return the SHA-256 of the current manifest, computed by the database; "" if there is no build."""
        from parkqa.store.postgres.builds import version
        from parkqa.store.postgres.connection import database

        return version(database(self.address))

    def built(self) -> float:
        """Return the time that the database noted."""
        from parkqa.store.postgres.builds import built
        from parkqa.store.postgres.connection import database

        return built(database(self.address))

    def faults(self) -> list[StoreError]:
        """Compare the number of rows of each table with the manifest."""
        from parkqa.store.postgres.index import faults

        return faults(self.address)

    def adopt(self, source: Path, version: str, corpus: str) -> bool:
        """Return False: a database has to be built."""
        return False
