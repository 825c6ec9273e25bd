"""The report: alike questions together, nothing left uncounted, one page that stands alone and prints."""

from __future__ import annotations

import re
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_line import run
from engines import set_environment
from parkqa.engine import Engine
from parkqa.errors import ParkqaError
from parkqa.journal import charts, clusters, entries, report
from parkqa.journal.entries import Cited, Entry
from parkqa.search import similarity
from parkqa.store.content import unit
from stubs import StubEncoder

HOSTILE = "<script>alert(1)</script>{{x}}${y}$\\frac"
ANGLES = st.lists(st.floats(0, 6.28), min_size=1, max_size=12)


def entry(id_: str, question: str, kind: str = "answer", **more: object) -> Entry:
    at = entries.stamp(datetime(2026, 5, 1, 9, 30).astimezone())
    made = Entry(id_, at, "c", "chat", "zh", question, question, kind, 0.5, 9.0)
    return replace(made, **more)  # type: ignore[arg-type]


def cited(text: str, document: str = "a.md") -> Cited:
    return Cited(document, 0, len(text), "f" * 64, text)


def words(html: str) -> str:
    """The words of a page without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)))


@given(ANGLES, st.floats(-1, 1))
def test_each_row_is_in_one_group_near_its_leader(angles: list[float], least: float) -> None:
    vectors = unit(np.array([[np.cos(angle), np.sin(angle)] for angle in angles]))
    found = similarity.cluster_vectors(vectors, least)
    assert sorted(row for rows in found for row in rows) == list(range(len(angles)))
    for rows in found:
        assert rows == sorted(rows)
        assert all(vectors[rows[0]] @ vectors[row] >= least for row in rows[1:])
    leaders = [rows[0] for rows in found]
    for place, leader in enumerate(leaders):
        assert all(vectors[leader] @ vectors[other] < least for other in leaders[:place])


def test_alike_questions_are_one_group_led_by_the_wording_most_used() -> None:
    made = [
        entry("1", "园区的食堂在哪里", "refusal"),
        entry("2", "园区的食堂在哪里啊", "refusal"),
        entry("3", "园区的食堂在哪里啊", "refusal"),
        entry("4", "園區的食堂在哪裡？", "answer"),
        entry("5", "Where is the port"),
    ]
    first, second = clusters.clustered(made, StubEncoder(), 0.3)
    assert first.question == "园区的食堂在哪里啊"
    assert (first.asked, first.answered) == (4, 1)
    assert dict(first.wordings) == {"园区的食堂在哪里啊": 2, "园区的食堂在哪里": 1, "園區的食堂在哪裡？": 1}
    assert (second.question, second.asked) == ("Where is the port", 1)


def test_no_is_no_wording_of_the_question_that_it_asks_again() -> None:
    asked = "园区的食堂在哪里"
    made = [entry("1", asked), *(replace(entry(id_, asked), question="不对") for id_ in "23")]
    (cluster,) = clusters.clustered(made, StubEncoder(), 0.3)
    assert (cluster.question, dict(cluster.wordings)) == (asked, {asked: 3})


def test_the_floor_is_the_mean_cosine_of_two_passages(engine: Engine) -> None:
    count = len(engine.store.passages)
    vectors = engine.store.vectors(count)
    pairs = [float(vectors[a] @ vectors[b]) for a in range(count) for b in range(a)]
    assert similarity.background_cosine(engine.store) == pytest.approx(np.mean(pairs), abs=1e-5)


def test_what_was_quoted_is_counted_and_the_rest_was_never(engine: Engine) -> None:
    one, two, *rest = [passage for passage in engine.store.passages if passage.original is None]
    places = [Cited(p.document, p.start, p.end, "f" * 64, p.text) for p in (one, two)]
    made = [entry("1", "甲", quotes=tuple(places)), entry("2", "乙", quotes=(places[0],))]
    quoted = report.used(made)
    assert [(use.text, use.quoted, use.first) for use in quoted] == [(one.text, 2, 2), (two.text, 1, 0)]
    # A list that stands in two places with the same words was quoted with either.
    left = [p for p in rest if p.text not in (one.text, two.text)]
    assert report.never(engine.store.passages, quoted) == left


def test_speed_is_of_all_that_was_asked() -> None:
    made = [entry(str(ms), "问", ms=float(ms)) for ms in range(1, 102)]
    assert report.speed(made) == report.Speed(51.0, 96.0, 101.0)
    assert report.speed([]) is None


def test_the_page_says_what_was_asked(engine: Engine) -> None:
    day = entries.stamp(datetime(2026, 5, 2, 14, 5).astimezone())
    made = [
        entry("1", "码头多长？", quotes=(cited("码头长300米。"),), liked=True),
        entry("2", "食堂几点开？", "refusal", related=(cited("园区有食堂。"),), conversation="d", mode="event"),
        entry("3", "食堂几点开？", "refusal", related=(cited("园区有食堂。"),), at=day, mode="event"),
        entry("4", "码头多长？", quotes=(cited("码头长300米。"),), liked=False, reason="太旧了", at=day),
        entry("5", "Hello", "smalltalk", language="en", at=day),
    ]
    told = words(report.page(made, engine))
    assert "2026-05-01 09:30 至 2026-05-02 14:05" in told
    assert "4 个问题" in told and "2 次会话" in told and "2 有答案" in told and "2 没有答案" in told
    assert "另有 1 句寒暄" in told
    assert "食堂几点开？ 2 次 园区有食堂。" in told
    assert "码头多长？ 2 2" in told
    assert "码头长300米。 a.md 2 2" in told
    assert "原因：太旧了" in told
    for label in ("展会", "问答页", "中文", "英文", "5月1日", "有答案 / answered", "点 / hour"):
        assert label in told
    assert f"{len([p for p in engine.store.passages if p.original is None])} 段没有被引用过" in told


def test_an_empty_time_is_said(engine: Engine) -> None:
    assert "这段时间没有人提问" in report.page([], engine)


def test_the_page_stands_alone_and_what_visitors_wrote_stays_text(engine: Engine) -> None:
    made = [
        entry("1", HOSTILE, quotes=(cited(HOSTILE, HOSTILE),), liked=False, reason=HOSTILE, mode=HOSTILE),
        entry("2", HOSTILE, "refusal", related=(cited(HOSTILE),), language=HOSTILE),
    ]
    html = report.page(made, engine)
    assert html.startswith("<!DOCTYPE html>")
    assert "<script" not in html
    assert html.count("alert(1)") >= 6
    assert re.findall(r"(?:src|href)=[\"'](?!#)[^\"']*", html) == []
    assert not re.search(r"@import|url\((?!#)", html)
    assert "default-src 'none'" in html


def test_charts_are_well_formed_grey_and_chinese() -> None:
    both = (
        charts.columns([str(n) for n in range(24)], {"有": list(range(24)), "无": [1] * 24}, "点"),
        charts.columns(["甲"], {"有": [0]}, ""),
        charts.rows({"问答页": 3, "展会": 0}),
    )
    for chart in both:
        assert ElementTree.fromstring(chart).tag.endswith("svg")
        for colour in re.findall(r"#([0-9a-f]{6})\b", chart):
            assert colour[:2] == colour[2:4] == colour[4:]
    assert "点" in both[0] and "问答页" in both[2]
    assert "url(#h" in both[0]  # the second series is hatched


def test_a_missing_extra_names_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ParkqaError, match=r"\[report\]"):
        charts.rows({"甲": 1})


@pytest.mark.slow
def test_the_command_writes_the_days_asked_for(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_environment(monkeypatch, engine.settings)
    place, out = tmp_path / "j.db", tmp_path / "报告.html"
    late = entries.stamp(datetime(2026, 5, 3, 9, 0).astimezone())
    with closing(entries.connect(place)) as connection:
        entries.write(connection, [entry("1", "码头多长？"), entry("2", "食堂几点开？", at=late)])
    words_ = ("--journal", str(place), "--until", "2026-05-02", "-o", str(out))
    assert run("report", *words_) == 0
    assert "1 questions" in capsys.readouterr().out
    told = out.read_text(encoding="utf-8")
    assert "码头多长？" in told and "食堂几点开？" not in told


def test_without_a_journal_the_cure_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("report", "--journal", str(tmp_path / "gone.db")) == 2
    assert "PARKQA_JOURNAL" in capsys.readouterr().err
