"""A PostgreSQL database: pooled connections, its failures as one sentence, its password in no text of ours.

``psycopg``, ``psycopg_pool`` and ``pgvector`` come with the extra ``postgres``.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from parkqa.errors import StoreError, StoreUnavailable

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg_pool import ConnectionPool

SCHEMA = "parkqa"
"""Holds the table of builds; each build has a schema of its own, ``parkqa_b1``, ``parkqa_b2``, …"""

CONNECTIONS = 8
"""Connections that one server keeps open at most; further questions wait for one."""
WAIT_SECONDS = 5
"""How long a question waits for a connection."""
ANSWER_SECONDS = 10
"""How long a statement may take that answers a question."""
EFFORT = 200
"""``hnsw.ef_search``: candidates that the graph keeps in view."""

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
    """Return the connections of this process to a database, the same for all who ask.

    Raises:
        StoreError: the extra ``postgres`` is not installed, or the address is none.
    """
    with _lock:
        found = _open.get(address.get_secret_value())
        if found is None:
            found = _open[address.get_secret_value()] = Database(address)
        return found


class Database:
    """Pooled connections to one database. Thread-safe; connected with the first question.

    Raises:
        StoreError: the extra ``postgres`` is not installed, or the address is none.
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
        """Lend a connection that only reads; each statement is a transaction of its own.

        Raises:
            StoreUnavailable: the database cannot be reached, or did not answer in time.
        """
        with failing(self.name), self._pool.connection(timeout=WAIT_SECONDS) as connection:
            if connection.adapters.types.get("vector") is None:  # Connected before the first build made the type.
                _register(connection)
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection[Any]]:
        """Lend a connection of its own, with the tables that are always there; nothing on it is timed.

        Raises:
            StoreUnavailable: the database cannot be reached, or the connection was lost.
        """
        psycopg = _psycopg()
        with (
            failing(self.name),
            psycopg.connect(self._address.get_secret_value(), connect_timeout=WAIT_SECONDS) as made,
        ):
            # Two that create the same thing at once would fail one another.
            made.execute("select pg_advisory_xact_lock(hashtext('parkqa tables'))")
            made.execute(_TABLES)
            made.commit()
            _register(made)
            yield made

    def close(self) -> None:
        """Close the connections; who asks for them again gets new ones."""
        with _lock:
            if _open.get(self._address.get_secret_value()) is self:
                del _open[self._address.get_secret_value()]
        self._pool.close(timeout=1)

    def _opened(self) -> ConnectionPool[Any]:
        from psycopg_pool import ConnectionPool

        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # We say what fails, once.
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
        connection.execute("set random_page_cost = 1.1")  # As of a disk without a head to move.
        connection.execute("set jit = off")  # It would compile for longer than the statements take.


def name(address: SecretStr) -> str:
    """Return an address without user and password, for messages: ``postgresql://host:port/name``.

    Raises:
        StoreError: it is not the address of a database.
    """
    psycopg = _psycopg()
    try:
        parts = psycopg.conninfo.conninfo_to_dict(address.get_secret_value())
    except psycopg.Error:
        # Not "from": what psycopg says of a malformed address quotes it.
        raise StoreError(
            "PARKQA_STORE 不是能用的数据库地址，请写成 postgresql://用户:密码@主机:5432/库名。",
            "PARKQA_STORE is no address of a database; write it as postgresql://user:password@host:5432/name.",
        ) from None
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"postgresql://{parts.get('host', '')}{port}/{parts.get('dbname', '')}"


@contextlib.contextmanager
def failing(where: str) -> Iterator[None]:
    """Say what a database fails with as one sentence of ours.

    Raises:
        StoreUnavailable: it cannot be reached, is being restarted, or did not answer in time.
        StoreError: anything else that it refuses.
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
        raise StoreError(
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

    # Before the first build there is no such type yet, and nothing to be found.
    with contextlib.suppress(ProgrammingError):
        register_vector(connection)
