"""Connections to PostgreSQL: pooling, translation of errors, and no password in any message.

``psycopg``, ``psycopg_pool`` and ``pgvector`` are installed with the extra ``postgres`` and imported on first use.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from parkqa.errors import DatabaseRefused, StoreError, StoreUnavailable

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg_pool import ConnectionPool

SCHEMA = "parkqa"
"""Schema of the table of builds; each build has a schema of its own: ``parkqa_b1``, ``parkqa_b2``, …"""

CONNECTIONS = 8
"""Largest number of connections in the pool of one process; further questions wait for a free one."""
WAIT_SECONDS = 5
"""How many seconds a question waits for a connection."""
ANSWER_SECONDS = 10
"""How many seconds a statement of a question may take."""
EFFORT = 200
"""``hnsw.ef_search`` of pgvector: size of the candidate list of a graph search."""

_TABLES = f"""
create extension if not exists vector;
create schema if not exists {SCHEMA};
create table if not exists {SCHEMA}.builds (
    id int generated always as identity primary key,
    current bool not null default false,
    manifest text not null,
    built timestamptz not null default now()
);
create unique index if not exists builds_current on {SCHEMA}.builds (current) where current;
"""


_open: dict[str, Database] = {}
_lock = threading.Lock()


def database(address: SecretStr) -> Database:
    """Return the connection pool of this process for a database; one pool per address.

    Raises:
        StoreError: the extra ``postgres`` is not installed, or the address is malformed.
    """
    with _lock:
        found = _open.get(address.get_secret_value())
        if found is None:
            found = _open[address.get_secret_value()] = Database(address)
        return found


class Database:
    """A connection pool for one database. Thread-safe; the first use connects.

    Args:
        address: a libpq connection URL.
        answer_seconds: timeout of a reading statement in seconds.

    Raises:
        StoreError: the extra ``postgres`` is not installed, or the address is malformed.
    """

    def __init__(self, address: SecretStr, answer_seconds: float = ANSWER_SECONDS) -> None:
        _psycopg()
        self._address = address
        self._answer_seconds = answer_seconds
        self.name = name(address)
        self._pool = self._opened()

    def __repr__(self) -> str:
        return f"Database({self.name!r})"

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection[Any]]:
        """Borrow a read-only connection from the pool; it is in autocommit mode.

        Raises:
            StoreUnavailable: the database cannot be reached or did not answer in time.
            StoreError: the database rejected a statement.
        """
        with failing(self.name), self._pool.connection(timeout=WAIT_SECONDS) as connection:
            # A connection from before the first build does not know the vector type yet.
            if connection.adapters.types.get("vector") is None:
                _register(connection)
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection[Any]]:
        """Open a connection for a build, outside the pool and without a statement timeout.

        The extension and the table of builds are created if they do not exist.

        Raises:
            StoreUnavailable: the database cannot be reached or the connection was lost.
            StoreError: the database rejected a statement.
        """
        psycopg = _psycopg()
        with (
            failing(self.name),
            psycopg.connect(self._address.get_secret_value(), connect_timeout=WAIT_SECONDS) as made,
        ):
            # Concurrent "create … if not exists" of the same object can fail.
            made.execute("select pg_advisory_xact_lock(hashtext('parkqa tables'))")
            made.execute(_TABLES)
            made.commit()
            _register(made)
            yield made

    def close(self) -> None:
        """Close the pool; ``database`` creates a new one when it is called again."""
        with _lock:
            if _open.get(self._address.get_secret_value()) is self:
                del _open[self._address.get_secret_value()]
        self._pool.close(timeout=1)

    def _opened(self) -> ConnectionPool[Any]:
        from psycopg_pool import ConnectionPool

        # Failures are reported by `failing`; the pool would log every attempt to reconnect as well.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        return ConnectionPool(
            self._address.get_secret_value(),
            min_size=0,
            max_size=CONNECTIONS,
            kwargs={"autocommit": True, "connect_timeout": WAIT_SECONDS, "application_name": "parkqa"},
            configure=self._configure,
            check=ConnectionPool.check_connection,
            reconnect_timeout=WAIT_SECONDS,
            open=True,
        )

    def _configure(self, connection: Connection[Any]) -> None:
        connection.execute("set default_transaction_read_only = on")
        connection.execute(f"set statement_timeout = {int(self._answer_seconds * 1000)}")
        connection.execute(f"set hnsw.ef_search = {EFFORT}")
        connection.execute("set hnsw.iterative_scan = strict_order")
        connection.execute("set random_page_cost = 1.1")  # for solid-state disks; the default is for rotating ones
        connection.execute("set jit = off")  # compiling would take longer than these short statements


def name(address: SecretStr) -> str:
    """Return an address without user and password, ``postgresql://host:port/name``, for messages.

    Raises:
        StoreError: the address is malformed, or the extra ``postgres`` is not installed.
    """
    psycopg = _psycopg()
    try:
        parts = psycopg.conninfo.conninfo_to_dict(address.get_secret_value())
    except psycopg.Error:
        # No exception chaining: psycopg's message contains the address, and with it the password.
        raise StoreError(
            "PARKQA_STORE 不是能用的数据库地址，请写成 postgresql://用户:密码@主机:5432/库名。",
            "PARKQA_STORE is no address of a database; write it as postgresql://user:password@host:5432/name.",
        ) from None
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"postgresql://{parts.get('host', '')}{port}/{parts.get('dbname', '')}"


@contextlib.contextmanager
def failing(where: str) -> Iterator[None]:
    """Translate the errors of psycopg within the context into those of parkqa.

    Args:
        where: name of the database for the message.

    Raises:
        StoreUnavailable: the database cannot be reached, is restarting, or did not answer in time.
        StoreError: pgvector is not installed.
        DatabaseRefused: the database rejected a statement for any other reason.
    """
    from psycopg import Error, OperationalError, errors
    from psycopg_pool import PoolTimeout

    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable(
            f"{WAIT_SECONDS} 秒内没有连上数据库 {where}：请确认它在运行、没有过载，地址（PARKQA_STORE）无误，再试。",
            f"No connection to the database {where} within {WAIT_SECONDS} s: see that it is running and not overloaded "
            "and that PARKQA_STORE is right, then try again.",
        ) from error
    except errors.QueryCanceled as error:
        raise StoreUnavailable(
            f"数据库 {where} 没有及时回答，请稍后再试。",
            f"The database {where} did not answer in time; please try again in a moment.",
        ) from error
    except (OperationalError, errors.InterfaceError) as error:
        raise StoreUnavailable(
            f"连不上数据库 {where}，请确认它在运行、地址和密码（PARKQA_STORE）无误，然后再试。",
            f"The database {where} cannot be reached; see that it is running and that PARKQA_STORE is right, "
            "then try again.",
        ) from error
    except errors.UndefinedFile as error:
        raise StoreError(
            f"数据库 {where} 没有安装 pgvector 扩展，请先在服务器上安装。",
            f"The database {where} lacks the extension pgvector; install it on the server first.",
        ) from error
    except Error as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DatabaseRefused(
            f"数据库 {where} 拒绝了请求（{reason}），请检查权限和空间后再试。",
            f"The database {where} refused ({reason}); check permissions and space and try again.",
        ) from error


def _psycopg() -> Any:
    try:
        import pgvector  # noqa: F401
        import psycopg.conninfo
        import psycopg_pool  # noqa: F401
    except ImportError as error:
        raise StoreError(
            '用 PostgreSQL 存索引要先装扩展：pip install -c constraints.txt -e ".[postgres]"。',
            'To keep the index in PostgreSQL, install the extra: pip install -c constraints.txt -e ".[postgres]".',
        ) from error
    return psycopg


def _register(connection: Connection[Any]) -> None:
    from pgvector.psycopg import register_vector
    from psycopg import ProgrammingError

    # Before the first build, the type does not exist.
    with contextlib.suppress(ProgrammingError):
        register_vector(connection)
