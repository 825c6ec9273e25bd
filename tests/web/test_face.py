"""Name, colour, logo and messages of a park show on every page as soon as they are published, and go as soon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desks import Browser, open_desk
from parkqa.corpus.curation.park import Park, load_park
from parkqa.engine import Engine
from parkqa.settings import Settings, load_settings
from parkqa.web.serving.face import Face
from pictures import picture
from stubs import StubEncoder
from waiting import until

PNG = picture("PNG")
LOGO = "logo: park-logo.png\n"
PARK = f"name: 新园区\nenglish_name: New Park\ncolour: '#654321'\nmessages: true\ncontact: '68123456'\n{LOGO}"
SOURCE = "/source/租金.md"


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Browser]:
    with open_desk(tmp_path) as browser:
        browser.log_in()
        yield browser


def page(person: Browser, path: str, language: str = "zh-CN") -> str:
    return person.client.get(path, headers={"accept-language": language}).text


def until_named(person: Browser, name: str) -> None:
    """Wait until the server has opened the index that was published."""
    until(lambda: name in page(person, "/ask"))


@pytest.mark.slow
def test_what_is_published_shows_at_once_and_goes_at_once(person: Browser) -> None:
    place = person.office
    until_named(person, '<h1><a href="/chat/">')
    assert "新园区" not in page(person, "/ask")
    assert person.client.get("/logo").status_code == 404
    place.desk.write_text(("小王", ""), "park.yaml", PARK.replace(LOGO, ""), "")
    seen = place.desk.shelf.files().present["park.yaml"].sha
    (place.folder / "x").write_bytes(PNG)
    place.desk.write_logo(("小王", ""), place.folder / "x", (seen, ""))
    place.publish()
    until_named(person, "新园区 问答")
    version = load_park(place.settings.corpus).logo_version
    for path in ("/ask", SOURCE, "/message"):
        assert f'src="/logo?v={version}" alt="新园区"' in page(person, path), path
        assert 'alt="New Park"' in page(person, path, "en"), path
    assert "#654321" in page(person, "/embed")
    reply = person.client.get(f"/logo?v={version}")
    assert (reply.content, reply.headers["cache-control"]) == (PNG, "public, max-age=31536000, immutable")
    place.desk.take_back(("小王", ""))
    place.desk.candidate.work.wait(60)
    until(lambda: person.client.get("/logo").status_code == 404)
    assert "新园区" not in page(person, SOURCE) + page(person, "/ask")
    assert "#654321" not in page(person, "/embed")
    assert person.client.get("/message").status_code == 404


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "park.yaml").write_text(PARK, encoding="utf-8")
    (tmp_path / "corpus" / "park-logo.png").write_bytes(PNG)
    return load_settings(corpus=tmp_path / "corpus", index=tmp_path / "index")


def test_the_face_is_that_of_the_index_once_there_is_one(settings: Settings) -> None:
    answering: list[Park | None] = [None]
    face = Face(settings, lambda: answering[-1])
    assert face.park == load_park(settings.corpus)
    assert face.logo and face.logo.content == PNG
    answering[-1] = Park(name="旧园区")
    assert (face.park.name, face.logo) == ("旧园区", None)


def test_a_machine_that_has_only_the_index_has_the_name(settings: Settings, tmp_path: Path) -> None:
    (settings.corpus / "租金.md").write_text("# 租金\n\n每月20元。\n", encoding="utf-8")
    Engine.build(settings, encoder=StubEncoder())
    only_index = settings.model_copy(update={"corpus": tmp_path / "nowhere"})
    assert Face(only_index, lambda: None).park.name == "新园区"
    assert Face(only_index.model_copy(update={"index": tmp_path / "none"}), lambda: None).park == Park()


def test_a_published_logo_does_not_show_before_its_index_answers(settings: Settings) -> None:
    answering = [load_park(settings.corpus)]
    face = Face(settings, lambda: answering[-1])
    old = face.park.logo_version
    (settings.corpus / "park-logo.png").write_bytes(picture("PNG", (9, 9)))  # the files first, the index after them
    assert face.park.logo_version == old
    assert face.logo and face.logo.content == PNG
    answering[-1] = load_park(settings.corpus)
    assert face.park.logo_version != old
    assert face.logo.version == face.park.logo_version


def test_without_the_picture_there_is_no_logo_and_the_rest_stays(settings: Settings) -> None:
    park = load_park(settings.corpus)
    for path in settings.corpus.iterdir():  # as on a machine that has only the index
        path.unlink()
    face = Face(settings, lambda: park)
    assert (face.park.name, face.park.logo_version, face.logo) == ("新园区", "", None)
