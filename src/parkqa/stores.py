"""Which store it is: the folder of the index (FAISS), or the database that PARKQA_STORE names (PostgreSQL)."""

from __future__ import annotations

from parkqa.building import build_index
from parkqa.content import Built, Content, TryOut
from parkqa.errors import StoreError
from parkqa.index import open_index
from parkqa.manifest import Manifest, current_version, read_manifest, verify
from parkqa.settings import Settings
from parkqa.types import Encoder, Progress, Store


def place(settings: Settings) -> str:
    """Return where the index is, for messages; of a database without user and password."""
    if settings.store is None:
        return str(settings.index)
    from parkqa.database import name

    return name(settings.store)


def open_store(settings: Settings, encoder: str | None = None) -> Store:
    """Open the current build; ``encoder`` is the fingerprint that it must have been made with.

    Raises:
        StoreError: it cannot be served; says why and what to do.
    """
    if settings.store is None:
        return open_index(settings.index, encoder)
    from parkqa.postgres import open_postgres

    return open_postgres(settings.store, encoder)


def build_store(
    settings: Settings,
    content: Content,
    encoder: Encoder,
    progress: Progress | None = None,
    try_out: TryOut | None = None,
) -> Built:
    """Build into the store that the settings name; see ``building.build_index``."""
    if settings.store is None:
        return build_index(settings.index, content, encoder, progress, kind=settings.faiss, try_out=try_out)
    from parkqa.postgres_build import build_postgres

    return build_postgres(settings.store, content, encoder, progress, try_out=try_out)


def manifest(settings: Settings) -> Manifest:
    """Return the manifest of the current build.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    if settings.store is None:
        return read_manifest(settings.index)
    from parkqa.database import database
    from parkqa.postgres import current

    return current(database(settings.store))[1]


def version(settings: Settings) -> str:
    """Return the ``version`` of the current build: another than an open store has, and there is a newer one to open.

    Cheap enough to be asked every second.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    if settings.store is None:
        return current_version(settings.index)
    from parkqa.database import database
    from parkqa.postgres import version as found

    return found(database(settings.store))


def faults(settings: Settings) -> list[StoreError]:
    """Return all that is wrong with the current build, nothing when it can be served."""
    if settings.store is None:
        return verify(settings.index)
    from parkqa.postgres import faults as found

    return found(settings.store)
