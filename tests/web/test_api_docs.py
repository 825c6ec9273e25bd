"""The OpenAPI document says what is really taken and given, and its page shows all of it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from apps import serving
from parkqa.engine import Engine
from parkqa.errors import BadQuestion
from parkqa.query.request import check
from parkqa.web.api import routes as api
from parkqa.web.api import schemas as contract
from parkqa.web.serving.loader import Loader
from parkqa.web.serving.question_queue import QuestionQueue

QUESTIONS = ["江阴经济开发区靖江园区正式成立", "新兴产业有哪些？", "食堂晚饭几点开？", "园曲的荣誉", "Hi"]


@pytest.fixture(scope="module")
def client(engine: Engine) -> Iterator[TestClient]:
    with serving(lambda: engine) as client:
        yield client


def strictly(model: type, raw: str) -> None:
    TypeAdapter(model).validate_json(raw, strict=True)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_as_it_is_described(client: TestClient, question: str) -> None:
    strictly(contract.Answer, client.post("/api/ask", json={"question": question, "id": "a"}).text)


def test_so_are_the_other_answers(client: TestClient) -> None:
    strictly(contract.Suggestions, client.get("/api/suggestions").text)
    feedback = {"answer_id": "x", "liked": True}
    strictly(contract.Recorded, client.post("/api/feedback", json=feedback).text)
    for reply in (client.post("/api/ask", json={}), client.post("/api/feedback", json={})):
        assert reply.status_code == 422
        strictly(contract.Error, reply.text)


@pytest.mark.parametrize("name", contract.EXAMPLES)
def test_an_example_is_one(client: TestClient, name: str) -> None:
    strictly(getattr(contract, name), json.dumps(contract.EXAMPLES[name]))
    for quote in contract.EXAMPLES[name].get("quotes", ()):
        assert quote["end"] - quote["start"] == len(quote["text"])
        assert len(quote["sha256"]) == 64


@pytest.mark.parametrize(("address", "name"), [("/api/ask", "Question"), ("/api/feedback", "Feedback")])
def test_an_example_of_a_request_is_taken(client: TestClient, address: str, name: str) -> None:
    assert client.post(address, json=contract.EXAMPLES[name]).status_code == 200


def references(value: Any) -> Iterator[str]:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if key == "$ref":
            yield inner
        elif isinstance(inner, dict | list):
            yield from references(inner)


def test_the_document_hangs_together(client: TestClient) -> None:
    document = client.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "http://testserver"}]
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= schemas


def test_every_operation_is_there_and_no_other(client: TestClient, engine: Engine) -> None:
    document = client.get("/api/openapi.json").json()
    said = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    routes = [
        route for route in api.router(Loader(lambda: engine), QuestionQueue(1, 0)).routes if isinstance(route, APIRoute)
    ]
    assert said == {(method, route.path) for route in routes for method in route.methods if "/api/" in route.path}


def test_every_description_is_in_both_languages(client: TestClient) -> None:
    document = client.get("/api/openapi.json").json()
    fields = [field for model in document["components"]["schemas"].values() for field in model["properties"].items()]
    described = [field["description"] for name, field in fields if name != "error" or "description" in field]
    assert len(described) > 25
    for text in described:
        zh, _, en = text.partition(" / ")
        assert re.search(r"[\u4e00-\u9fff]", zh) and en and not re.search(r"[\u4e00-\u9fff]", en)


@pytest.mark.parametrize(("accepted", "language"), [("zh-CN", "zh-CN"), ("en", "en")])
def test_the_page_shows_every_field(client: TestClient, accepted: str, language: str) -> None:
    reply = client.get("/api/docs", headers={"Accept-Language": accepted})
    document = client.get("/api/openapi.json").json()
    assert reply.headers["content-language"] == language
    text = html.unescape(re.sub("<[^>]*>", "", reply.text))
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in text
    for model in contract.MODELS[:-1]:
        for name, field in model.model_fields.items():
            assert name in text
            assert all(part in text for part in str(field.description).split(" / "))
    assert '"answer" | "refusal" | "smalltalk"' in text
    assert "[integer, integer][]" in text


def test_the_page_asks_nothing_of_others(client: TestClient) -> None:
    page = client.get("/api/docs").text
    assert re.findall(r'(?:src|href)="([^/][^"]*)"', page) == []
    assert "<script" not in page


@pytest.mark.slow
@given(st.text(max_size=contract.LONGEST + 5) | st.text(" \t\n\u3000\u200b\ufeff\u00a0\x00\x85园", max_size=4))
def test_a_question_that_the_schema_allows_is_taken_and_one_without_a_sign_is_not(question: str) -> None:
    schema = contract.openapi("http://a")["components"]["schemas"]["Question"]["properties"]["question"]
    seen = bool(re.search(schema["pattern"], question))
    if seen and len(question) <= schema["maxLength"]:
        check(question)
    elif not seen and not question.strip(" \u200b\ufeff").strip():
        with pytest.raises(BadQuestion):
            check(question)


@pytest.mark.parametrize(
    ("headers", "status"), [({"Host": "evil.example"}, "421"), ({"Origin": "https://evil.example"}, "403")]
)
def test_what_is_refused_is_described(client: TestClient, headers: dict[str, str], status: str) -> None:
    document = client.get("/api/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            reply = client.request(method, path, headers=headers)
            assert str(reply.status_code) in operation["responses"]
            if method == "post":
                assert str(reply.status_code) == status
            strictly(contract.Error if reply.status_code != 200 else contract.Suggestions, reply.text)
