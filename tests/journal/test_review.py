"""``parkqa review``: an unanswered question becomes a synonym, an answer or out of scope, tried before it is saved."""

from __future__ import annotations

import io
import json
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from command_line import run
from engines import set_environment, settings_for
from parkqa.cli import review
from parkqa.corpus.curation.faq import read_faq
from parkqa.corpus.curation.glossary import read_glossary
from parkqa.engine import Engine
from parkqa.evaluation.question_sets import Case, compare, judge
from parkqa.journal import entries
from parkqa.journal.entries import Entry
from parkqa.journal.review import forms, holding, stands, state, unanswered
from parkqa.settings import Settings
from stubs import StubEncoder

pytestmark = pytest.mark.slow

PARK = "jiangyin-jingjiang-park.md"
SHIP = "扬子江船业的股票代码叫啥"


def entry(id_: str, question: str, kind: str = "refusal", understood: str = "") -> Entry:
    at = entries.stamp(datetime(2026, 5, 1, 9, 30).astimezone())
    return Entry(id_, at, "c", "chat", "zh", question, understood or question, kind, 0.01, 9.0)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    made = settings_for(tmp_path)
    set_environment(monkeypatch, made, journal=tmp_path / "j.db")
    monkeypatch.setattr(review, "QUESTIONS", tmp_path / "none.jsonl")
    Engine.build(made, encoder=StubEncoder())
    return made


def asked(settings: Settings, *questions: str) -> None:
    with closing(entries.connect(settings.corpus.parent / "j.db")) as connection:
        entries.write(connection, [entry(str(number), text) for number, text in enumerate(questions)])


def walk(monkeypatch: pytest.MonkeyPatch, *typed: str, words: tuple[str, ...] = ()) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
    return run("review", *words)


def question_set(folder: Path, *cases: tuple[str, list[str]]) -> Path:
    path = folder / "set.jsonl"
    lines = [json.dumps({"id": f"t{n}", "question": q, "gold": gold}) for n, (q, gold) in enumerate(cases)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def reopened(settings: Settings) -> Engine:
    return Engine.open(settings, StubEncoder())


def test_an_answer_is_pointed_at_saved_and_built(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(settings, "食堂的红烧肉几块钱一份？", "食堂的红烧肉几块钱一份呢？")
    typed = ("a", "/高端装备 新能源 智能制造", "9", "1.2-3", "y", "y")
    assert walk(monkeypatch, *typed) == 0
    told = capsys.readouterr().out
    assert "2 次" in told and "没有这个编号" in told and "没有可比较的题目" in told
    assert "食堂的红烧肉几块钱一份？ → 高端装备" in told
    (made,) = read_faq(settings.corpus)
    assert (made.document, made.quote) == (PARK, "新能源\n智能制造")
    assert made.questions == ("食堂的红烧肉几块钱一份？", "食堂的红烧肉几块钱一份呢？")
    quote = reopened(settings).ask("食堂的红烧肉几块钱一份？").quotes[0]
    assert [quote.text[a - quote.start : b - quote.start] for a, b in quote.spans] == ["新能源\n智能制造"]


def test_a_synonym_is_added_with_what_it_does_to_the_question_set(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(settings, "有哪些旮旯旯旮")
    good, bad = ("有哪些旮旯旯旮", ["高端装备"]), ("有哪些旮旯旯旮", [])
    path = question_set(tmp_path, good, ("园区什么时候成立的？", ["2003年8月29日"]), bad)
    typed = ("s", "旮旯旯旮", "没有的词", "s", "旮旯旯旮", "新兴产业", "y", "n")
    assert walk(monkeypatch, *typed, words=("--questions", str(path))) == 0
    told = capsys.readouterr().out
    assert "资料和词表里都没有“没有的词”" in told
    assert "1 better, 1 worse, 1 the same" in told
    assert "变好 better: t0 有哪些旮旯旯旮" in told and "变差 worse: t2 有哪些旮旯旯旮" in told
    assert "旮旯旯旮" in read_glossary(settings.corpus).meanings["新兴产业"]
    assert "请运行 parkqa build" in told


def test_what_is_out_of_scope_is_marked_and_passed_over_the_next_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(settings, "羽毛球馆几点开门", "羽毛球馆几点开门")
    assert walk(monkeypatch, "o", "y", "") == 0
    assert "资料不涉及" in capsys.readouterr().out
    assert read_faq(settings.corpus)[0].document == ""
    assert reopened(settings).ask("羽毛球馆几点开门？").confidence == 0.0
    assert walk(monkeypatch) == 0
    assert "Marked as out of scope already" in capsys.readouterr().out


def test_what_is_not_wanted_is_not_saved_and_not_kept_in_mind(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in settings.corpus.iterdir()}
    asked(settings, "羽毛球馆几点开门", "食堂的红烧肉几块钱一份？")
    assert walk(monkeypatch, "o", "n", "x", "n", "a", "", "a", "1", "n", "q") == 0
    told = capsys.readouterr().out
    assert "请输入 a、s、o、n 或 q" in told and "Saved" not in told and "build now" not in told
    assert {path.name: path.read_bytes() for path in settings.corpus.iterdir()} == before


def test_the_end_of_the_input_ends_the_walk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(settings, "羽毛球馆几点开门")
    assert walk(monkeypatch) == 0
    assert walk(monkeypatch, "o", "y") == 0
    assert len(read_faq(settings.corpus)) == 1


def test_a_file_that_is_wrong_is_named_with_its_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(settings, "羽毛球馆几点开门")
    (settings.corpus / "faq.yaml").write_text("# 问答\n- questions: 甲\n", encoding="utf-8")
    assert walk(monkeypatch, "o") == 2
    assert "faq.yaml:2" in capsys.readouterr().err


def test_a_file_changed_meanwhile_is_left_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(settings, "羽毛球馆几点开门")
    saving = review._Walk._effect

    def changed(walk: review._Walk, *rest: object) -> None:
        (settings.corpus / "faq.yaml").write_text("# 同事写的\n", encoding="utf-8")
        saving(walk, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(review._Walk, "_effect", changed)
    assert walk(monkeypatch, "o", "y", "q") == 0
    assert "changed meanwhile" in capsys.readouterr().out
    assert (settings.corpus / "faq.yaml").read_text(encoding="utf-8") == "# 同事写的\n"


def test_without_unanswered_questions_that_is_said(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(settings)
    assert walk(monkeypatch) == 0
    assert "0 组" in capsys.readouterr().out


@pytest.mark.parametrize("words", [("--journal", "gone.db"), ("--questions", "gone.jsonl")])
def test_what_is_not_there_is_two(settings: Settings, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    asked(settings)
    assert walk(monkeypatch, words=words) == 2


def test_groups_are_of_what_was_refused_and_hold_nothing_personal(settings: Settings) -> None:
    opened = reopened(settings)
    made = [
        entry("1", "那里呢？", understood="食堂在哪里"),
        entry("2", "我的电话〔电话〕，食堂在哪里"),
        entry("3", "码头多长", "answer"),
    ]
    found = unanswered(made, opened)
    assert sum(group.asked for group in found) == 2
    assert [text for group in found for text in forms(group)] == ["食堂在哪里"]


def test_passages_are_found_by_the_words_they_hold(settings: Settings) -> None:
    opened = reopened(settings)
    first = holding(opened, "智能制造 節能環保")[0]
    assert "节能环保" in first.text
    assert (
        stands(opened, "獅城")
        and stands(opened, "智能制造")
        and not stands(opened, "红烧肉")
        and not stands(opened, " ")
    )
    assert state(opened, "江阴经济开发区靖江园区正式成立")[0] == "answered"
    assert state(opened, "红烧肉几块钱")[0] == "open"


def test_outcomes_are_held_against_each_other(settings: Settings) -> None:
    case = Case("1", "fact", "新兴产业有哪些？", (), (("高端装备",),))
    answer = reopened(settings).ask(case.question)
    good = judge(case, answer)
    bad = replace(good, answer1=False, marked1=False, marked2=False)
    change = compare([good, bad, bad, good], [good, good, bad, bad])
    assert (len(change.better), len(change.worse), change.same) == (1, 1, 2)
