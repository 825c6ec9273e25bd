"""What helps to type: words for the keyboard on the page, and questions with an answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from parkqa.engine import Engine
from parkqa.errors import IndexMissing, StoreUnavailable
from parkqa.query.vocabulary import learn
from parkqa.text.spelled_words import general
from parkqa.web.pages import typing
from parkqa.web.pages.next_words import next_words
from parkqa.web.serving.loader import Loader


def serve(load: Callable[[], Engine]) -> TestClient:
    loader = Loader(load)
    loader.load()
    app = FastAPI()
    app.include_router(typing.router(loader))
    return TestClient(app)


@pytest.fixture
def client(engine: Engine) -> TestClient:
    return serve(lambda: engine)


def lines(text: str) -> dict[str, str]:
    return dict(line.split("\t") for line in text.splitlines())


@pytest.mark.slow
def test_the_words_of_general_chinese_come_compressed_and_are_kept_a_day(client: TestClient) -> None:
    packed = client.get("/event/words/general")
    assert packed.text == general()
    assert packed.headers["content-encoding"] == "gzip"
    assert "max-age=86400" in packed.headers["cache-control"]
    assert client.get("/event/words/general", headers={"Accept-Encoding": "identity"}).text == general()


def test_the_parks_words_are_its_names_its_documents_and_the_words_of_questions(client: TestClient) -> None:
    found = lines(client.get("/event/words/park").text)
    assert "园区 " in found["yuan qu"]
    assert "三大科创载体 " in found.get("san da ke chuang zai ti", "") or "科创 " in found["ke chuang"]
    for sound, word in (("zai na li", "在哪里"), ("you na xie", "有哪些"), ("ting che chang", "停车场")):
        assert f"{word} " in found[sound]
    assert "靖江工业园区 " in found["jing jiang gong ye yuan qu"]


def test_a_question_word_is_more_frequent_than_any_of_the_documents(engine: Engine) -> None:
    found = lines(typing.park_words(engine.vocabulary))
    count = {line.split(" ")[0]: int(line.split(" ")[1]) for line in found.values()}
    assert count["有哪些"] > max(count[word] for word in ("江阴", "产业"))


def test_after_a_word_come_those_of_grammar_of_questions_and_of_the_documents(client: TestClient) -> None:
    found = lines(client.get("/event/words/next").text)
    assert found["=^"].split()[0] == "园区"
    assert {"哪些", "多少", "没有"} <= set(found["=有"].split())
    assert found["=吗"] == ""
    # As the documents have it, and as a known question.
    assert "共建" in found["设施"].split()
    assert "正在" in found["重大项目"].split()


def test_what_a_park_is_opens_a_question(engine: Engine) -> None:
    for name, kind in (("三亚亚太金融小镇", "小镇"), ("昆山经济技术开发区", "开发区"), ("Pier 9", "园区")):
        empty = learn((), engine.vocabulary.glossary, (name,))
        assert lines(next_words(empty, (), ()))["=^"].split()[0] == kind


def test_a_corpus_without_words_has_those_of_questions(engine: Engine) -> None:
    empty = learn((), engine.vocabulary.glossary, ())
    assert "有哪些 3" in lines(typing.park_words(empty))["you na xie"]


def test_known_questions_come_with_their_sound_and_heading(client: TestClient, engine: Engine) -> None:
    found = client.get("/ask/questions").json()["questions"]
    assert {each["question"] for each in found} >= set(engine.suggestions) | set(engine.suggestions_en)
    (one,) = [each for each in found if each["question"] == "园区有哪些新兴产业？"]
    assert one == {
        "question": "园区有哪些新兴产业？",
        "language": "zh",
        "group": one["group"],
        "sound": "yuan qu you na xie xin xing chan ye",
    }
    assert all(each["sound"] == "" for each in found if each["language"] == "en")


def test_readers_of_traditional_chinese_get_it(client: TestClient) -> None:
    found = client.get("/ask/questions?lang=zh-TW").json()["questions"]
    assert "園區有哪些新興產業？" in {each["question"] for each in found}
    assert "When was the park founded?" in {each["question"] for each in found}


@pytest.mark.parametrize("error", [IndexMissing("x", "x"), StoreUnavailable("x", "x")])
def test_before_the_engine_is_ready_there_are_the_general_words_only(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typing, "general", lambda: "yuan qu\t园区 9\n")  # 50,000 words take seconds

    def load() -> Engine:
        raise error

    client = serve(load)
    assert client.get("/ask/questions").json() == {"questions": []}
    assert client.get("/event/words/park").text == client.get("/event/words/next").text == ""
    assert lines(client.get("/event/words/general").text) == {"yuan qu": "园区 9"}


def test_there_are_no_other_words(client: TestClient) -> None:
    assert client.get("/event/words/x").status_code == 404


def test_they_are_made_once_for_each_engine(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    real = typing.park_words

    def counted(vocabulary: object) -> str:
        made.append(vocabulary)
        return real(engine.vocabulary)

    monkeypatch.setattr(typing, "park_words", counted)
    client = serve(lambda: engine)
    for _ in range(3):
        client.get("/event/words/park")
    assert len(made) == 1
