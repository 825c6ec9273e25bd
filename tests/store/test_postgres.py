"""The PostgreSQL store: whole builds only, taken over by others, failures in one sentence, no password anywhere."""

from __future__ import annotations

import builtins
import logging
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from engines import settings_for
from indexes import NEW, OLD, corpus, plain_rows
from parkqa.cli.commands import app
from parkqa.desk.readiness import examine
from parkqa.engine import Engine
from parkqa.errors import (
    DatabaseRefused,
    IndexDamaged,
    IndexLocked,
    IndexMismatch,
    IndexMissing,
    IndexReplaced,
    SettingsError,
    StoreError,
    StoreUnavailable,
)
from parkqa.evaluation.question_sets import read_cases
from parkqa.indexing.prepare import is_current
from parkqa.settings import Settings, load_settings
from parkqa.store.backend import backend
from parkqa.store.content import Content, unit
from parkqa.store.local.vectors import RECALL
from parkqa.store.manifest import FORMAT
from parkqa.store.postgres.builds import built
from parkqa.store.postgres.connection import Database, name
from parkqa.store.postgres.connection import database as database_of
from parkqa.store.postgres.index import MATCHED, PostgresStore, Word, _telling, faults, open_postgres
from parkqa.store.postgres.writer import GRAPH_FROM, build_postgres, drafted
from parkqa.types import Progress, Store, Vectors
from parkqa.web.serving.loader import Loader
from paths import DATA
from servers import execute, new_database, restart
from stubs import StubEncoder

SECRET = "geheim%20wort"
ALIKE = 0.97


@pytest.fixture
def database() -> Iterator[SecretStr]:
    address = new_database()
    yield address
    database_of(address).close()


def build(database: SecretStr, texts: tuple[str, ...], wait: float = 0, try_out: Any = None) -> Any:
    """Build; ``try_out`` gets the draft opened, and what it returns is added to the note."""
    content = Content(*corpus(texts), {"corpus": "a"})
    with drafted(database, content, StubEncoder(), wait=wait) as draft:
        return draft.publish(try_out(draft.open()) if try_out else {})


@pytest.fixture
def store(database: SecretStr) -> PostgresStore:
    build(database, OLD)
    return open_postgres(database)


def texts(database: SecretStr) -> tuple[str, ...]:
    return tuple(document.text for document in open_postgres(database).documents.values())


def schemas(database: SecretStr) -> list[str]:
    found = execute(database, "select nspname from pg_namespace where nspname like 'parkqa\\_b%' order by 1")
    return [row[0] for row in found]


@pytest.mark.postgres
def test_before_the_first_build_it_says_what_to_do(database: SecretStr) -> None:
    with pytest.raises(IndexMissing, match="parkqa build"):
        open_postgres(database)
    assert [type(fault) for fault in faults(database)] == [IndexMissing]
    with pytest.raises(IndexMissing):
        built(database_of(database))


@pytest.mark.postgres
def test_it_knows_when_the_current_build_was_made(database: SecretStr) -> None:
    before = time.time()
    build(database, OLD)
    first = built(database_of(database))
    assert before - 1 < first < time.time() + 1
    build(database, NEW)
    assert built(database_of(database)) > first


@pytest.mark.postgres
def test_a_build_takes_over_what_has_not_changed_and_writes_nothing_new_for_nothing(database: SecretStr) -> None:
    first, again, changed = build(database, OLD), build(database, OLD), build(database, NEW)
    assert (first.embedded, again.embedded, again.reused) == (5, 0, 5)
    assert (changed.embedded, changed.reused) == (3, 4)
    assert schemas(database) == ["parkqa_b1", "parkqa_b2"]
    assert texts(database) == NEW
    assert faults(database) == []


@pytest.mark.postgres
def test_the_version_before_stays_until_the_next_build(store: PostgresStore, database: SecretStr) -> None:
    build(database, NEW)
    assert store.documents["1.md"].text == OLD[1]
    assert [match.row for match in store.search(store.vectors(1)[0], ["园"], 1)] == [0]
    build(database, OLD)
    assert schemas(database) == ["parkqa_b2", "parkqa_b3"]
    assert execute(database, "select id, current from parkqa.builds order by id") == [(2, False), (3, True)]


@pytest.mark.postgres
def test_a_build_that_fails_leaves_all_as_it_was(database: SecretStr, monkeypatch: pytest.MonkeyPatch) -> None:
    build(database, OLD)
    monkeypatch.setattr("parkqa.store.postgres.writer.INDEXES", "analyze {b}.nowhere;")
    with pytest.raises(StoreError, match="nowhere"):
        build(database, NEW)
    assert (texts(database), schemas(database)) == (OLD, ["parkqa_b1"])


@pytest.mark.postgres
def test_a_new_build_is_tried_before_anybody_is_shown_it_and_what_was_found_is_kept(database: SecretStr) -> None:
    build(database, OLD)
    shown: list[tuple[tuple[str, ...], str]] = []

    def try_out(store: Store) -> dict[str, str]:
        shown.append((texts(database), store.documents["1.md"].text))
        return {"tried": str(len(shown))}

    build(database, NEW, try_out=try_out)
    assert shown == [(OLD, NEW[1])]
    assert open_postgres(database).note == {"corpus": "a", "tried": "1"}
    build(database, NEW, try_out=lambda store: {"tried": store.note["tried"]})
    assert schemas(database) == ["parkqa_b1", "parkqa_b2"]
    before = open_postgres(database).version
    build(database, NEW, try_out=lambda _: {"tried": "anew"})
    assert schemas(database) == ["parkqa_b1", "parkqa_b2"], "only the note is another"
    assert open_postgres(database).note["tried"] == "anew"
    assert open_postgres(database).version != before


@pytest.mark.postgres
def test_a_build_that_cannot_be_tried_leaves_nothing_and_one_that_was_killed_is_cleared_away(
    database: SecretStr,
) -> None:
    build(database, OLD)

    def try_out(store: Store) -> dict[str, str]:
        raise StoreUnavailable("没有及时回答", "too slow")

    with pytest.raises(StoreUnavailable):
        build(database, NEW, try_out=try_out)
    assert (texts(database), schemas(database)) == (OLD, ["parkqa_b1"])
    execute(database, "insert into parkqa.builds (manifest) values ('{}')")
    execute(database, "create schema parkqa_b3")
    build(database, NEW)
    assert (texts(database), schemas(database)) == (NEW, ["parkqa_b1", "parkqa_b4"])
    execute(database, "insert into parkqa.builds (manifest) values ('{}')")
    execute(database, "create schema parkqa_b5")
    build(database, NEW)
    assert (texts(database), schemas(database)) == (NEW, ["parkqa_b1", "parkqa_b4"]), "also where nothing has changed"


@pytest.mark.postgres
def test_one_build_at_a_time_and_a_lost_one_frees_the_lock(database: SecretStr) -> None:
    build(database, OLD)
    with psycopg.connect(database.get_secret_value(), autocommit=True) as other:
        other.execute("select pg_advisory_lock(hashtext('parkqa build'))")
        with pytest.raises(IndexLocked, match=str(other.info.backend_pid)):
            build(database, NEW)
    build(database, NEW, wait=5)
    assert texts(database) == NEW


@pytest.mark.postgres
def test_readers_see_one_build_or_the_other_while_others_build(database: SecretStr) -> None:
    build(database, OLD)
    done = threading.Event()
    seen: list[tuple[str, ...]] = []

    def read() -> None:
        while not done.is_set():
            seen.append(texts(database))

    reranker = threading.Thread(target=read)
    reranker.start()
    for each in (NEW, OLD, NEW):
        build(database, each)
    done.set()
    reranker.join()
    assert set(seen) <= {OLD, NEW}
    assert len(seen) > 3


@pytest.mark.postgres
def test_another_server_sees_a_new_build_by_its_version(database: SecretStr) -> None:
    settings = load_settings(store=database)
    build(database, OLD)
    before = open_postgres(database)
    assert backend(settings).version() == before.version
    build(database, NEW)
    assert backend(settings).version() != before.version
    assert backend(settings).version() == open_postgres(database).version
    assert backend(settings).manifest().documents.keys() == {"0.md", "1.md"}


@pytest.mark.postgres
def test_another_model_is_refused(database: SecretStr) -> None:
    build(database, OLD)
    with pytest.raises(IndexMismatch, match="another model"):
        open_postgres(database, "stub-2")


@pytest.mark.postgres
def test_another_format_is_refused(database: SecretStr) -> None:
    build(database, OLD)
    execute(database, "update parkqa.builds set manifest = replace(manifest, '\"format\": ', '\"format\": 9')")
    with pytest.raises(IndexMismatch, match="another version"):
        open_postgres(database)


@pytest.mark.postgres
def test_rows_that_are_gone_are_noticed(store: PostgresStore, database: SecretStr) -> None:
    execute(database, "delete from parkqa_b1.pieces where row = 1")
    assert [fault.message("en").split()[2] for fault in faults(database)] == ["pieces"]


@pytest.mark.postgres
def test_after_a_restart_of_the_server_it_answers_again(store: PostgresStore) -> None:
    before = store.dense(store.vectors(1)[0], 2)
    restart()
    assert store.dense(store.vectors(1)[0], 2) == before


def _end_sleeping(database: SecretStr) -> None:
    """End the connection that sleeps, as soon as it does."""
    sleeping = "select pg_terminate_backend(pid) from pg_stat_activity where query = 'select pg_sleep(8)'"
    while not execute(database, sleeping):
        time.sleep(0.05)


@pytest.mark.postgres
def test_a_connection_lost_in_the_middle_is_one_sentence_and_the_next_question_is_answered(
    store: PostgresStore, database: SecretStr
) -> None:
    killer = threading.Thread(target=_end_sleeping, args=(database,))
    killer.start()
    with pytest.raises(StoreUnavailable, match=r"连不上.* cannot be reached"):
        store.all("select pg_sleep(8)", {})
    killer.join()
    assert store.frequencies(["园"])["园"] == 1


@pytest.mark.postgres
def test_a_slow_statement_is_given_up_and_the_next_question_is_answered(
    store: PostgresStore, database: SecretStr
) -> None:
    quick = Database(database, answer_seconds=1)
    slow = PostgresStore(quick, store.build, store.manifest)
    started = time.perf_counter()
    with pytest.raises(StoreUnavailable, match=r"没有及时回答.* did not answer in time"):
        slow.all("select pg_sleep(120)", {})
    assert time.perf_counter() - started < 100
    assert slow.frequencies(["园"])["园"] == 1
    quick.close()


@pytest.mark.postgres
def test_what_answers_questions_writes_nothing(store: PostgresStore) -> None:
    with pytest.raises(StoreError, match="read-only"):
        store.all("delete from {b}.passages returning row", {})


@pytest.mark.postgres
def test_through_the_graph_the_nearest_are_found_and_equal_ones_by_row(database: SecretStr) -> None:
    random = np.random.default_rng(1)
    centres = random.standard_normal((50, 32))
    vectors = centres[np.arange(GRAPH_FROM) % 50] + 0.7 * random.standard_normal((GRAPH_FROM, 32))
    vectors[4000:4005] = vectors[7]
    vectors = unit(vectors)

    class Given(StubEncoder):
        def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
            return vectors[[int(text) for text in texts]]

    source, rows = plain_rows(GRAPH_FROM)
    build_postgres(database, Content([source], rows), Given(dimension=32))
    store = open_postgres(database)
    statement = "explain select row from {b}.passages order by vec <#> %(v)s, row limit 80"
    plan = " ".join(line for (line,) in store.all(statement, {"v": vectors[0]}))
    assert "Incremental Sort" in plan
    assert "passages_vec_idx" in plan
    asked = unit(vectors[::100] + 0.05 * random.standard_normal((len(vectors[::100]), 32)))
    found = [{row for row, _ in store.dense(vector, 10)} for vector in asked]
    truth = np.argsort(-asked @ vectors.T, axis=1)[:, :10]
    assert np.mean([len(rows & {*best.tolist()}) / 10 for rows, best in zip(found, truth, strict=True)]) >= RECALL
    assert [row for row, _ in store.dense(vectors[7], 6)] == [7, 4000, 4001, 4002, 4003, 4004]


def test_where_words_stand_everywhere_the_rarest_choose() -> None:
    rare, half, most = Word(7, 3), Word(8, MATCHED - 3), Word(9, MATCHED)
    assert _telling([most, rare, half]) == [rare, half]
    assert _telling([most]) == [most]
    assert _telling([]) == []


@pytest.mark.postgres
def test_the_same_answers_as_from_files(tmp_path: Path, database: SecretStr) -> None:
    settings = settings_for(tmp_path)
    encoder = StubEncoder()
    both = [settings, settings.model_copy(update={"store": database})]
    for each in both:
        assert not is_current(each)
        Engine.build(each, encoder=encoder)
        assert is_current(each)
    files, postgres = (Engine.open(each, encoder) for each in both)
    assert isinstance(postgres.store, PostgresStore)
    cases = [case for file in ("park_dev", "park_more") for case in read_cases(DATA / f"{file}.jsonl")]
    same = [_told(files, case) == _told(postgres, case) for case in cases]
    assert len(same) > 400
    assert sum(same) / len(same) >= ALIKE


def _told(engine: Engine, case: Any) -> object:
    answer = engine.ask(case.question, case.history)
    return answer.kind, [(q.document, q.start, q.end, q.spans) for q in (*answer.quotes, *answer.related)]


@pytest.mark.postgres
def test_the_commands_heed_the_setting(tmp_path: Path, database: SecretStr, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(tmp_path)
    for module in ("engine", "models.loading"):
        monkeypatch.setattr(f"parkqa.{module}.load_encoder", lambda _: StubEncoder())
    monkeypatch.setattr("parkqa.engine.load_reranker", lambda _: None)
    for key, value in {
        "STORE": database.get_secret_value(),
        "CORPUS": settings.corpus,
        "INDEX": tmp_path / "no",
    }.items():
        monkeypatch.setenv(f"PARKQA_{key}", str(value))
    assert CliRunner().invoke(app, ["build"]).exit_code == 0
    asked = CliRunner().invoke(app, ["ask", "园区什么时候成立的？", "--json"])
    assert asked.exit_code in (0, 3)
    assert '"quotes"' in asked.output
    assert not (tmp_path / "no").exists()
    found = {finding.name.en: finding for finding in examine(load_settings())}
    assert found["index"].ok
    assert backend(load_settings()).place in str(found["index"].detail)


READER = "parkqa_reader"


@pytest.fixture
def reader(database: SecretStr) -> Iterator[SecretStr]:
    """The address of the database for a role that may read the table of builds and nothing else."""
    execute(database, f"create role {READER} login")
    address = database.get_secret_value().replace("://postgres", f"://{READER}")
    assert READER in address
    yield SecretStr(address)
    database_of(SecretStr(address)).close()
    execute(database, f"drop owned by {READER}")
    execute(database, f"drop role {READER}")


@pytest.mark.postgres
def test_a_role_that_only_reads_answers_from_every_new_build(database: SecretStr, reader: SecretStr) -> None:
    build(database, OLD)
    with pytest.raises(DatabaseRefused, match="permission denied"):
        open_postgres(reader)
    execute(database, f"grant usage on schema parkqa to {READER}; grant select on parkqa.builds to {READER}")
    build(database, OLD)  # nothing has changed, but the role is new
    assert texts(reader) == OLD
    build(database, NEW)
    assert texts(reader) == NEW
    assert faults(reader) == []
    with pytest.raises(StoreError, match="permission denied"):
        build(reader, OLD)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        execute(reader, "delete from parkqa_b2.passages")


@pytest.mark.postgres
def test_a_store_whose_build_is_gone_says_so_and_nothing_of_relations(
    store: PostgresStore, database: SecretStr
) -> None:
    vector = store.vectors(1)[0]
    build(database, NEW)
    build(database, (*OLD, "更多的话。"))
    for ask in (lambda: store.search(vector, ["园"], 1), lambda: store.documents["1.md"], lambda: store.vectors(1)):
        with pytest.raises(IndexReplaced, match="请再试一次") as caught:
            ask()
        assert "relation" not in str(caught.value) and "parkqa_b" not in str(caught.value)


@pytest.mark.postgres
def test_an_engine_that_was_not_switched_in_time_answers_from_the_newest_build(
    tmp_path: Path, database: SecretStr
) -> None:
    settings = settings_for(tmp_path).model_copy(update={"store": database})

    def told(hour: str) -> None:
        (settings.corpus / "食堂.md").write_text(f"# 食堂\n\n食堂的晚饭{hour}开始。\n", encoding="utf-8")
        Engine.build(settings, encoder=StubEncoder())

    told("五点半")
    loader = Loader(lambda: Engine.open(settings, StubEncoder()))
    loader.load()
    for hour in ("六点", "七点"):
        told(hour)
    answer = loader.answering(lambda engine: engine.ask("食堂的晚饭几点开始？"))
    assert "七点" in str(answer.to_dict())
    assert loader.engine().documents["食堂.md"].text.endswith("七点开始。")


@pytest.mark.postgres
@pytest.mark.parametrize("raw", ["{", "[]", "no json", "[" * 100_000, f'{{"format": {FORMAT}}}'])
def test_a_manifest_that_is_none_is_damaged(store: PostgresStore, database: SecretStr, raw: str) -> None:
    execute(database, f"update parkqa.builds set manifest = '{raw}'")
    with pytest.raises((IndexDamaged, IndexMismatch), match="parkqa build"):
        open_postgres(database)


@pytest.mark.postgres
def test_a_document_that_is_damaged_is_named(store: PostgresStore, database: SecretStr) -> None:
    execute(database, "update parkqa_b1.documents set body = 'x'")
    with pytest.raises(IndexDamaged, match="documents"):
        store.documents["1.md"]


def unreachable(password: str = SECRET) -> SecretStr:
    return SecretStr(f"postgresql://park:{password}@127.0.0.1:9/park")


@pytest.mark.parametrize(
    "address", [unreachable(), unreachable("%zz" + SECRET), SecretStr(f"postgresql://park:{SECRET}@[::1/x?y={SECRET}")]
)
def test_no_message_log_or_traceback_shows_the_password(
    address: SecretStr, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parkqa.store.postgres.connection.WAIT_SECONDS", 1)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StoreError) as caught:
        open_postgres(address)
    shown = [str(caught.value), repr(caught.value), "".join(traceback.format_exception(caught.value)), caplog.text]
    shown += [repr(load_settings(store=address)), str(load_settings(store=address).model_dump())]
    assert [text for text in shown if "geheim" in text] == []


def test_a_database_that_cannot_be_reached_is_named_without_its_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parkqa.store.postgres.connection.WAIT_SECONDS", 1)
    assert name(unreachable()) == "postgresql://127.0.0.1:9/park"
    with pytest.raises(StoreUnavailable, match=r"postgresql://127\.0\.0\.1:9/park within 1 s"):
        open_postgres(unreachable())


def test_what_is_no_address_of_a_database_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKQA_STORE", f"mysql://park:{SECRET}@host/park")
    with pytest.raises(SettingsError, match="PARKQA_STORE") as caught:
        load_settings()
    assert "geheim" not in "".join(traceback.format_exception(caught.value))


def test_an_extra_that_is_missing_names_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    really = builtins.__import__

    def without(module: str, *rest: Any) -> Any:
        if module.split(".", maxsplit=1)[0] in ("psycopg", "psycopg_pool", "pgvector"):
            raise ImportError(module)
        return really(module, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    for use in (lambda: open_postgres(unreachable("new")), lambda: backend(load_settings(store=unreachable())).place):
        with pytest.raises(StoreError, match=r'pip install -c constraints\.txt -e "\.\[postgres\]"'):
            use()


def test_without_the_setting_nothing_of_a_database_is_looked_for(tmp_path: Path) -> None:
    settings: Settings = settings_for(tmp_path)
    assert settings.store is None
    assert backend(settings).place == str(settings.index)


@pytest.mark.postgres
def test_frequencies_are_asked_for_in_one_statement_and_once(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = store.all

    def counted(statement: str, given: Any) -> list[Any]:
        asked.append(statement)
        return ask(statement, given)

    monkeypatch.setattr(store, "all", counted)
    words = ["园", "区", "港", "没有这个词", "", "园"]
    found = store.frequencies(words)
    assert len(asked) == 1
    assert found["园"] > 0
    assert found["没有这个词"] == found[""] == 0
    assert store.frequencies(words) == found
    assert len(asked) == 1
