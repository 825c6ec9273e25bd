"""Build, open, ask: every quote a slice, every answer whole, whatever is asked."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines import CORPUS, KEYS, QUOTE_KEYS, settings_for, stub_engine
from parkqa.answer.quoting import NO_MORE
from parkqa.corpus.curation.park import Park
from parkqa.engine import Engine
from parkqa.errors import BadQuestion, IndexMismatch, IndexMissing
from parkqa.indexing.prepare import is_current
from parkqa.settings import load_settings
from parkqa.types import Answer
from stubs import StubEncoder


def assert_true(answer: Answer, engine: Engine) -> None:
    """What always holds of an answer."""
    for quote in (*answer.quotes, *answer.related):
        document = engine.documents[quote.document]
        assert quote.text == document.text[quote.start : quote.end]
        assert quote.sha256 == document.sha256
        assert quote.spans
        assert all(quote.start <= start < end <= quote.end for start, end in quote.spans)
    assert 0.0 <= answer.confidence <= 1.0
    assert bool(answer.quotes) == (answer.kind == "answer")
    assert answer.refused == (answer.kind != "answer")
    assert not (answer.related and answer.quotes)


def test_words_of_the_text_find_it(engine: Engine) -> None:
    answer = engine.ask("江阴经济开发区靖江园区正式成立")
    first = (answer.quotes or answer.related)[0]
    assert first.text == "2003年8月29日,江阴经济开发区靖江园区正式成立。"
    assert first.heading == "大事记"
    assert first.title == "园区介绍"
    assert_true(answer, engine)


def test_a_list_is_quoted_whole_with_its_items_marked(engine: Engine) -> None:
    answer = engine.ask("新兴产业有哪些？")
    first = (answer.quotes or answer.related)[0]
    assert first.text.split("\n") == ["高端装备", "新能源", "智能制造", "节能环保"]
    assert [first.text[a - first.start : b - first.start] for a, b in first.spans] == first.text.split("\n")


def test_json_has_every_key(engine: Engine) -> None:
    answer = engine.ask("园区什么时候成立的？", id=7).to_dict()
    assert list(answer) == KEYS
    assert answer["id"] == 7
    for quote in (*answer["quotes"], *answer["related"]):
        assert list(quote) == QUOTE_KEYS
    json.dumps(answer)


@pytest.mark.parametrize("question", ["", " \n\t", "　", "\x00\x07", "\u200b", "问" * 501, "园区\ud800"])
def test_bad_questions_are_said(engine: Engine, question: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        engine.ask(question)
    assert caught.value.zh
    assert caught.value.en


@pytest.mark.parametrize(
    "question", ["啊" * 400, "😀🎉", "Ὅμηρος", "？？？", "'; DROP TABLE --", "${x} {{y}} <script>", "\u202e园区"]
)
def test_odd_questions_are_answered_or_refused(engine: Engine, question: str) -> None:
    assert_true(engine.ask(question), engine)


@given(st.text(max_size=60), st.lists(st.text(max_size=30), max_size=3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_is_answered_refused_or_said_to_be_bad(engine: Engine, question: str, history: list[str]) -> None:
    try:
        answer = engine.ask(question, history)
    except BadQuestion:
        return
    assert_true(answer, engine)


def test_repair_is_shown_and_can_be_undone(engine: Engine) -> None:
    answer = engine.ask("园曲的荣誉")
    assert answer.repairs == (("园曲", "园区"),)
    assert answer.understood == "园区的荣誉"
    literal = engine.ask("园曲的荣誉", literal=True)
    assert literal.repairs == ()
    assert literal.understood == "园曲的荣誉"


def test_follow_up_is_completed(engine: Engine) -> None:
    answer = engine.ask("2014年呢？", ["2009年园区获评什么？"])
    assert answer.understood == "2014年园区获评什么?"
    assert (answer.quotes or answer.related)[0].text.startswith("2014年")


@pytest.mark.parametrize("question", ["你好", "谢谢！", "Hello", "你是谁？", "thank you"])
def test_smalltalk_claims_nothing(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert answer.kind == "smalltalk"
    assert answer.message
    assert answer.refused
    assert not answer.quotes


@pytest.mark.parametrize("said", ["能问什么", "help", "123", "？", "😀", "啊", "what is it?"])
def test_what_asks_nothing_gets_help_with_the_suggested_questions(engine: Engine, said: str) -> None:
    answer = engine.ask(said)
    english = said.isascii() and said.replace(" ", "").strip("?").isalpha()
    assert (answer.kind, answer.understood) == ("smalltalk", said)
    assert answer.suggestions == (engine.suggestions_en if english else engine.suggestions)
    assert not answer.quotes and not answer.related


@pytest.mark.parametrize("question", ["电话", "地址", "邮箱", "主导产业", "2014", "荣誉"])
def test_one_word_is_a_question(engine: Engine, question: str) -> None:
    assert engine.ask(question).kind != "smalltalk"


@pytest.mark.parametrize("question", ["哪一年？", "多少？", "为什么？", "呢？"])
def test_an_elliptic_question_is_completed_past_talk(engine: Engine, question: str) -> None:
    plain = engine.ask(question, ["扬子江船业在哪里上市？"])
    assert plain.kind != "smalltalk"
    assert "扬子江船业" in plain.understood
    said = ["你好", "你好，扬子江船业在哪里上市？谢谢", "不对", "123", "谢谢"]
    assert engine.ask(question, said).understood == plain.understood


def test_talk_around_a_question_changes_no_answer(engine: Engine) -> None:
    plain, polite = (engine.ask(question) for question in ("荣誉有哪些", "谢谢你，再问一下荣誉有哪些"))
    assert polite.understood == "谢谢你，再问一下荣誉有哪些"
    assert (polite.kind, polite.quotes, polite.related) == (plain.kind, plain.quotes, plain.related)


def passages(answer: Answer) -> list[tuple[str, int]]:
    return [(quote.document, quote.start) for quote in (*answer.quotes, *answer.related)]


def test_a_rejected_passage_is_followed_by_the_next_until_there_is_none(engine: Engine) -> None:
    asked = "江阴经济开发区靖江园区正式成立"
    first = engine.ask(asked)
    assert first.kind == "answer"
    seen, history, last = [passages(first)[0]], [asked], first
    for _ in range(10):
        last = engine.ask("不对", history)
        assert_true(last, engine)
        assert last.understood == asked
        if not passages(last):
            break
        assert last.confidence <= first.confidence
        seen.append(passages(last)[0])
        history.append("不对")
    assert len(seen) > 2
    assert len(set(seen)) == len(seen)
    assert passages(first)[1] == seen[1]
    assert (last.kind, last.message, last.confidence) == ("refusal", NO_MORE["zh"], last.confidence)


def test_an_answer_is_repeated(engine: Engine) -> None:
    asked = "江阴经济开发区靖江园区正式成立"
    first, second = engine.ask(asked), engine.ask("下一个", [asked])
    assert engine.ask("再说一遍", ["你好", asked, "谢谢"]).quotes == first.quotes
    assert engine.ask("say that again", [asked, "不对"]).quotes == second.quotes
    follow_up = ["2009年园区获评什么？", "2014年呢？", "谢谢"]
    assert engine.ask("再说一遍", follow_up).understood == "2014年园区获评什么?"


@pytest.mark.parametrize("said", ["不对", "next", "再说一遍", "say that again"])
def test_without_a_question_before_it_there_is_nothing_to_go_back_to(engine: Engine, said: str) -> None:
    for history in ([], ["你好", "谢谢", "不对"]):
        answer = engine.ask(said, history)
        assert answer.kind == "smalltalk"
        assert answer.suggestions
    assert engine.ask(said, ["主导产业有哪些？"], literal=True).kind == "smalltalk"


def test_who_asks_for_a_person_gets_the_contact_of_the_park(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    (settings.corpus / "park.yaml").write_text('contact: "招商局 0523-1234"\n', encoding="utf-8")
    Engine.build(settings, encoder=StubEncoder())
    answer = Engine.open(settings, StubEncoder()).ask("转人工")
    assert (answer.kind, answer.quotes) == ("smalltalk", ())
    assert "招商局 0523-1234" in answer.message


def test_same_corpus_same_answers(engine: Engine, tmp_path: Path) -> None:
    other = stub_engine(tmp_path)
    for question in ("园区的荣誉有哪些？", "扬子江船业在哪里上市？"):
        one, two = engine.ask(question), other.ask(question)
        same = {"answer_id": "", "elapsed_ms": 0.0}
        assert dataclasses.replace(one, **same) == dataclasses.replace(two, **same)


@pytest.mark.slow
def test_suggestions_without_an_answer_are_dropped_and_reported(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    (settings.corpus / "park.yaml").write_text("suggestions:\n  - 食堂晚饭几点开？\n", encoding="utf-8")
    report = Engine.build(settings, encoder=StubEncoder())
    kept = Engine.open(settings, StubEncoder()).suggestions
    assert (*kept, *report.dropped) == ("食堂晚饭几点开？",)


@pytest.mark.slow
def test_a_file_that_cannot_be_read_is_left_out_and_the_rest_is_built(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    (settings.corpus / "bad.md").write_bytes(b"\xff\xfe\x00\x01")
    (settings.corpus / "photo.png").write_bytes(b"\x89PNG")
    report = Engine.build(settings, encoder=StubEncoder())
    assert report.documents == 2
    assert [reason.split("：")[0] for reason in report.failed] == ["bad.md"]
    assert "bad.md" in report.summary()
    assert "photo.png" in report.summary()


@pytest.mark.slow
def test_current_until_the_corpus_changes(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    assert not is_current(settings)
    Engine.build(settings, encoder=StubEncoder())
    assert is_current(settings)
    (settings.corpus / "more.md").write_text("园区新开了一座码头。", encoding="utf-8")
    assert not is_current(settings)


def test_rebuilding_embeds_nothing_that_was_there(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    first = Engine.build(settings, encoder=StubEncoder())
    second = Engine.build(settings, encoder=StubEncoder())
    assert first.embedded > 0
    assert second.embedded == 0
    assert second.reused == first.embedded


@pytest.mark.slow
def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with pytest.raises(IndexMissing, match="parkqa build"):
        Engine.open(settings, StubEncoder())
    Engine.build(settings, encoder=StubEncoder())
    with pytest.raises(IndexMismatch, match="parkqa build"):
        Engine.open(settings, StubEncoder("another"))


def test_the_corpus_is_where_it_should_be() -> None:
    assert (CORPUS / "park.yaml").exists()


@pytest.mark.parametrize("bad", ["问" * 501, "", " ", "\ud800", "\x00"])
def test_an_earlier_question_that_cannot_be_asked_is_passed_over(engine: Engine, bad: str) -> None:
    history = ["2009年园区获评什么？", bad]
    assert engine.ask("2014年呢？", history).understood == "2014年园区获评什么?"
    assert engine.ask("2014年呢？", [bad]).understood == engine.ask("2014年呢？").understood


def test_what_staff_curated_travels_with_the_index(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "built")
    Engine.build(settings, encoder=StubEncoder())
    here = Engine.open(settings, StubEncoder())
    elsewhere = Engine.open(load_settings(corpus=tmp_path / "nowhere", index=settings.index), StubEncoder())
    assert elsewhere.park == here.park != Park()
    assert elsewhere.suggestions == here.suggestions != ()
    assert elsewhere.vocabulary.glossary.meanings == here.vocabulary.glossary.meanings != {}
    question = "2014年园区获评什么？"
    assert elsewhere.ask(question).quotes == here.ask(question).quotes


@pytest.mark.slow
def test_the_engine_is_imported_without_what_only_pinyin_needs() -> None:
    code = "import sys, parkqa.engine; print([name for name in ('pypinyin', 'torch', 'gradio') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert said == "[]\n"
