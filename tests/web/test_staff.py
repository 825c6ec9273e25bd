"""The PIN of the staff at a stand: what it opens, and that it cannot be guessed."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.testclient import TestClient

from parkqa.errors import ParkqaError
from parkqa.settings import Settings, load_settings
from parkqa.web.pages import staff

PIN = "0427"


def serve(pin: str = PIN, phones: str = "http://192.168.1.5:7860") -> TestClient:
    app = FastAPI()
    app.include_router(staff.router(pin, lambda: phones))
    return TestClient(app, base_url="http://127.0.0.1:7860")


def test_the_pin_shows_the_addresses() -> None:
    reply = serve().post("/event/staff", json={"pin": PIN})
    assert reply.json() == {"address": "http://127.0.0.1:7860/", "phones": "http://192.168.1.5:7860/chat/"}
    assert serve(phones="").post("/event/staff", json={"pin": PIN}).json()["phones"] == ""


@pytest.mark.parametrize("pin", ["", "0428", "427", 427, None, ["0427"], "零四二七", "\ud800"])
def test_another_does_not(pin: object) -> None:
    reply = serve().post("/event/staff", content=f'{{"pin": {__import__("json").dumps(pin)}}}'.encode())
    assert reply.status_code == 403
    assert list(reply.json()) == ["error"]


def test_it_cannot_be_guessed() -> None:
    client = serve()
    for _ in range(5):
        client.post("/event/staff", json={"pin": "9999"})
    late = client.post("/event/staff", json={"pin": PIN})
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 0


def test_without_a_pin_nothing_opens() -> None:
    for pin in ("", "0000"):
        reply = serve(pin="").post("/event/staff", json={"pin": pin})
        assert reply.status_code == 403
        assert "PARKQA_EVENT_PIN" in reply.json()["error"]


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b'"0427"'])
def test_nonsense_is_not_the_pin(body: bytes) -> None:
    reply = serve().post("/event/staff", content=body)
    assert reply.status_code == 403
    assert list(reply.json()) == ["error"]


@pytest.mark.parametrize("pin", ["12", "12345", "abcd", "１２３４"])
def test_a_pin_has_four_digits(pin: str) -> None:
    with pytest.raises((ParkqaError, ValidationError)):
        load_settings(event_pin=pin)
    assert isinstance(load_settings(event_pin=PIN), Settings)
