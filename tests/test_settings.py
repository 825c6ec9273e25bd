"""Each setting has a default and an environment variable; a value that cannot be used is named in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import platformdirs
import pytest
from pydantic import ValidationError

from parkqa.errors import ParkqaError, SettingsError
from parkqa.settings import Settings, load_settings

DEFAULTS: dict[str, Any] = {
    "corpus": Path("corpus"),
    "index": Path("index"),
    "store": None,
    "faiss": "auto",
    "embedder": "default",
    "reranker": "default",
    "models": Path(platformdirs.user_cache_dir("parkqa", appauthor=False)) / "models",
    "office": "auto",
    "cache": Path(platformdirs.user_cache_dir("parkqa", appauthor=False)),
    "host": "127.0.0.1",
    "port": 7860,
    "public_url": "",
    "root_path": "",
    "hosts": (),
    "embed_origins": (),
    "trusted_proxies": (),
    "rate": "600/minute",
    "concurrency": 4,
    "queue": 60,
    "lan": False,
    "event_reset_seconds": 60,
    "event_pin": "",
    "read_seconds": 60,
    "passages_per_file": 20_000,
    "ocr": "auto",
    "threads": 0,
    "watch": False,
    "journal": Path(platformdirs.user_data_dir("parkqa", appauthor=False)) / "journal.db",
    "journal_days": 90,
    "messages": None,
    "messages_days": 180,
    "desk": Path("desk"),
    "desk_public": False,
    "desk_password_file": None,
    "desk_idle_minutes": 30,
    "indexable": False,
    "metrics": False,
    "metrics_token_file": None,
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that conftest keeps, or sets, are no defaults."""
    monkeypatch.delenv("PARKQA_JOURNAL", raising=False)
    monkeypatch.delenv("PARKQA_MODELS", raising=False)
    monkeypatch.delenv("PARKQA_OCR", raising=False)
    monkeypatch.delenv("PARKQA_THREADS", raising=False)


def test_every_setting_has_its_default() -> None:
    assert load_settings().model_dump() == DEFAULTS


def test_every_setting_says_what_it_is_in_both_languages() -> None:
    for field in Settings.model_fields.values():
        english, _, chinese = (field.description or "").partition(" / ")
        assert english.isascii() and chinese and not chinese.isascii()


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("PARKQA_CORPUS", "/资料/甲", Path("/资料/甲")),
        ("PARKQA_INDEX", "elsewhere", Path("elsewhere")),
        ("PARKQA_EMBEDDER", "intfloat/multilingual-e5-base", "intfloat/multilingual-e5-base"),
        ("PARKQA_RERANKER", "/models/reranker", "/models/reranker"),
        ("PARKQA_MODELS", "/models", Path("/models")),
        ("PARKQA_OFFICE", "off", "off"),
        ("PARKQA_OCR", "off", "off"),
        ("PARKQA_CACHE", "/缓存", Path("/缓存")),
        ("PARKQA_HOST", "0.0.0.0", "0.0.0.0"),
        ("PARKQA_PORT", "8080", 8080),
        ("PARKQA_PORT", "0", 0),
        ("PARKQA_PORT", "65535", 65535),
        ("PARKQA_JOURNAL", "/记录/a.db", Path("/记录/a.db")),
        ("PARKQA_JOURNAL", "none", None),
        ("PARKQA_JOURNAL", " None ", None),
        ("PARKQA_JOURNAL_DAYS", "30", 30),
        ("PARKQA_PUBLIC_URL", "https://park.example/qa/", "https://park.example/qa"),
        ("PARKQA_ROOT_PATH", "/qa", "/qa"),
        ("PARKQA_ROOT_PATH", "a/qa/", "/a/qa"),
        ("PARKQA_ROOT_PATH", "/", ""),
        ("PARKQA_EMBED_ORIGINS", "https://a.example", ("https://a.example",)),
        (
            "PARKQA_EMBED_ORIGINS",
            " https://a.example , http://b.example:8080,, ",
            ("https://a.example", "http://b.example:8080"),
        ),
        ("PARKQA_EMBED_ORIGINS", ",", ()),
        ("PARKQA_TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8", ("127.0.0.1", "10.0.0.0/8")),
        ("PARKQA_EMBED_ORIGINS", "https://www.园区.cn", ("https://www.xn--dkrx9f.cn",)),
        ("PARKQA_EMBED_ORIGINS", "HTTPS://A.example:8443", ("https://a.example:8443",)),
        ("PARKQA_EMBED_ORIGINS", "http://[::1]:80", ("http://[::1]:80",)),
        ("PARKQA_PUBLIC_URL", "https://www.园区.cn/问答/", "https://www.xn--dkrx9f.cn/%E9%97%AE%E7%AD%94"),
        ("PARKQA_PUBLIC_URL", "http://192.168.1.5:7860", "http://192.168.1.5:7860"),
        (
            "PARKQA_HOSTS",
            "Ask.Example.cn, 10.0.0.5,[::1],园区.cn",
            ("ask.example.cn", "10.0.0.5", "::1", "xn--dkrx9f.cn"),
        ),
        ("PARKQA_HOSTS", "*", ("*",)),
        ("PARKQA_HOST", "::", "::"),
        ("PARKQA_HOST", "localhost", "localhost"),
        ("PARKQA_CORPUS", "/资料　甲", Path("/资料　甲")),
        ("PARKQA_TRUSTED_PROXIES", "*", ("*",)),
        ("PARKQA_RATE", "30/minute;300/hour", "30/minute;300/hour"),
        ("PARKQA_RATE", " None ", ""),
        ("PARKQA_CONCURRENCY", "2", 2),
        ("PARKQA_QUEUE", "0", 0),
        ("PARKQA_WATCH", "true", True),
        ("PARKQA_WATCH", "0", False),
        ("PARKQA_THREADS", "2", 2),
        ("PARKQA_THREADS", "256", 256),
        ("parkqa_port", "8081", 8081),
    ],
)
def test_a_variable_sets_its_setting_and_no_other(
    monkeypatch: pytest.MonkeyPatch, name: str, raw: str, value: object
) -> None:
    monkeypatch.setenv(name, raw)
    assert load_settings().model_dump() == DEFAULTS | {name.upper().removeprefix("PARKQA_").lower(): value}


@pytest.mark.parametrize("name", DEFAULTS)
def test_an_empty_variable_is_none_at_all(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"PARKQA_{name.upper()}", "")
    assert load_settings().model_dump() == DEFAULTS


def test_variables_of_others_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("PARKQA_UNHEARD_OF", "1")
    assert load_settings().model_dump() == DEFAULTS


def test_a_keyword_overrides_its_variable_and_none_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKQA_PORT", "8080")
    monkeypatch.setenv("PARKQA_HOST", "0.0.0.0")
    settings = load_settings(port=0, host=None, embed_origins=["https://a.example"])
    assert (settings.port, settings.host, settings.embed_origins) == (0, "0.0.0.0", ("https://a.example",))


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("PARKQA_FAISS", "tree"),
        ("PARKQA_PORT", "abc"),
        ("PARKQA_PORT", "-1"),
        ("PARKQA_PORT", "65536"),
        ("PARKQA_PORT", "80.5"),
        ("PARKQA_PORT", "80\n81"),
        ("PARKQA_CORPUS", "a\x07b"),
        ("PARKQA_EMBEDDER", "a\nb"),
        ("PARKQA_HOST", "0.0.0.0:80"),
        ("PARKQA_HOST", "http://a"),
        ("PARKQA_HOST", "a b"),
        ("PARKQA_HOST", "a" * 64),
        ("PARKQA_HOSTS", "a.example,b c"),
        ("PARKQA_HOSTS", "a.example:80"),
        ("PARKQA_EMBED_ORIGINS", "a.example"),
        ("PARKQA_EMBED_ORIGINS", "https://a.example/"),
        ("PARKQA_EMBED_ORIGINS", "https://a.example/x"),
        ("PARKQA_EMBED_ORIGINS", "https://a.example?x"),
        ("PARKQA_EMBED_ORIGINS", "https://a.example\nX-Header: y"),
        ("PARKQA_EMBED_ORIGINS", "https://a.example; script-src *"),
        ("PARKQA_EMBED_ORIGINS", "https://a.example 'unsafe-inline'"),
        ("PARKQA_EMBED_ORIGINS", "https://a.example:port"),
        ("PARKQA_EMBED_ORIGINS", "https://a.example:70000"),
        ("PARKQA_EMBED_ORIGINS", "https://user@a.example"),
        ("PARKQA_EMBED_ORIGINS", "https://["),
        ("PARKQA_EMBED_ORIGINS", "null"),
        ("PARKQA_EMBED_ORIGINS", "javascript://a"),
        ("PARKQA_PUBLIC_URL", "ask.example.cn"),
        ("PARKQA_PUBLIC_URL", "ftp://ask.example.cn"),
        ("PARKQA_PUBLIC_URL", "https://ask.example.cn/?a=b"),
        ("PARKQA_PUBLIC_URL", 'https://ask.example.cn/a"b'),
        ("PARKQA_ROOT_PATH", "/ask/../x"),
        ("PARKQA_ROOT_PATH", "/a//b"),
        ("PARKQA_ROOT_PATH", '/"><script>'),
        ("PARKQA_ROOT_PATH", "/chat"),
        ("PARKQA_ROOT_PATH", "/api/ask"),
        ("PARKQA_TRUSTED_PROXIES", "localhost"),
        ("PARKQA_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("PARKQA_RATE", "often"),
        ("PARKQA_RATE", "0/minute"),
        ("PARKQA_CONCURRENCY", "0"),
        ("PARKQA_QUEUE", "-1"),
        ("PARKQA_THREADS", "two"),
        ("PARKQA_THREADS", "-1"),
        ("PARKQA_THREADS", "257"),
    ],
)
def test_a_bad_value_is_one_sentence_that_names_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, raw: str
) -> None:
    monkeypatch.setenv(name, raw)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    error = raised.value
    assert isinstance(error, ParkqaError)
    for sentence, end in ((error.zh, "。"), (error.en, ".")):
        assert name in sentence and repr(raw) in sentence
        assert sentence.endswith(end) and "\n" not in sentence
    assert error.zh.count("。") == 1


def test_a_bad_keyword_names_the_setting_too() -> None:
    with pytest.raises(SettingsError, match=r"PARKQA_PORT.*70000"):
        load_settings(port=70000)
    with pytest.raises(SettingsError, match=r"PARKQA_EMBED_ORIGINS .*1"):
        load_settings(embed_origins=[1])


def test_settings_do_not_change() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


def test_for_the_local_network_any_address_is_listened_to() -> None:
    assert load_settings(lan=True).host == "0.0.0.0"
    assert load_settings(lan=True, host="192.168.1.5").host == "192.168.1.5"
    assert load_settings(lan=False).host == "127.0.0.1"
