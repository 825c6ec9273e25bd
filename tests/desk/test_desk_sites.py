"""The park's web site is fetched from the desk: its pages go into the draft, and nothing else is touched."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desks import ME, Office, office
from local_site import Site, page
from parkqa.corpus.site import Fetched, fetch_site, folder_of
from parkqa.desk.sites import Visit
from parkqa.errors import ParkqaError
from waiting import PATIENCE


@pytest.fixture
def place(tmp_path: Path) -> Office:
    return office(tmp_path)


@pytest.fixture
def site(place: Office) -> Site:
    with Site({"/": page("介绍", "园区成立于2003年。"), "/food.html": page("食堂", "食堂中午11点开饭。")}) as made:
        text = f"- address: http://{made.host}\n  private: true\n  pause: 0\n"
        (place.settings.corpus / "sites.yaml").write_text(text, encoding="utf-8")
        yield made


def fetched(place: Office) -> Visit:
    place.desk.fetch(ME)
    place.desk.sites.work.wait(60)
    assert place.desk.sites.work.fault is None
    last = place.desk.sites.last()
    assert last is not None
    return last


def pages(place: Office) -> dict[str, str]:
    """The pages of the draft, by what follows the host in their addresses."""
    there = place.desk.shelf.files().present
    return {name: file.path.read_text("utf-8") for name, file in there.items() if name.startswith("sites/")}


def test_pages_go_into_the_draft_and_what_changed_or_went_is_named(place: Office, site: Site) -> None:
    before = place.texts()
    (brought,) = fetched(place).sites
    assert sorted(address.rpartition("/")[2] for address in brought.fetched.new) == ["", "food.html"]
    assert place.texts() == before
    assert len(pages(place)) == 2
    assert set(place.desk.shelf.state().draft) == set(pages(place))
    assert all(row.reading for row in place.desk.library.rows() if row.file.name in pages(place))
    place.publish()
    assert (
        place.live.documents[next(name for name in pages(place) if "food" in name)].url
        == f"http://{site.host}/food.html"
    )
    site.pages["/food.html"] = page("食堂", "食堂中午12点开饭。")
    (brought,) = fetched(place).sites
    assert [address.rpartition("/")[2] for address in brought.fetched.changed] == ["food.html"]
    assert "12点" in "".join(pages(place).values())
    del site.pages["/food.html"]
    (brought,) = fetched(place).sites
    assert [address.rpartition("/")[2] for address in brought.fetched.gone] == ["food.html"]
    place.publish()
    assert not any("food" in name for name in place.texts())


@pytest.mark.slow
def test_what_was_dropped_from_the_draft_is_fetched_anew_and_what_is_the_same_is_not(place: Office, site: Site) -> None:
    fetched(place)
    (brought,) = fetched(place).sites
    assert (brought.fetched.new, len(brought.fetched.same)) == ([], 2)
    assert site.answered[-2:] == [304, 304]
    place.desk.discard(ME)
    (brought,) = fetched(place).sites
    assert len(brought.fetched.new) == 2
    assert len(pages(place)) == 2
    # The version that the server told of is not the one that is live: 304 would leave the old page.
    place.publish()
    site.pages["/food.html"] = page("食堂", "食堂搬了。")
    fetched(place)
    place.desk.discard(ME)
    (brought,) = fetched(place).sites
    assert [address.rpartition("/")[2] for address in brought.fetched.changed] == ["food.html"]
    assert "食堂搬了" in "".join(pages(place).values())


@pytest.mark.slow
def test_the_command_goes_on_where_the_desk_stopped(place: Office, site: Site) -> None:
    fetched(place)
    place.publish()
    del site.pages["/food.html"]
    (one,) = place.desk.sites.sites()
    assert len(fetch_site(one, place.settings.corpus).gone) == 1
    assert len([*folder_of(one, place.settings.corpus).glob("*.html")]) == 1


def test_one_fetch_at_a_time_and_none_without_a_site(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ParkqaError, match="没有要取的网站"):
        place.desk.fetch(ME)
    (place.settings.corpus / "sites.yaml").write_text("- address: https://a.example\n", encoding="utf-8")
    go = threading.Event()

    def slow(*_: object) -> Fetched:
        go.wait(PATIENCE)
        return Fetched()

    monkeypatch.setattr("parkqa.desk.sites.fetch_site", slow)
    place.desk.fetch(ME)
    with pytest.raises(ParkqaError, match=f"{ME[0]} 已经开始了"):
        place.desk.fetch(ME)
    go.set()
    place.desk.sites.work.wait(PATIENCE)
    assert (place.desk.sites.work.fault, place.desk.shelf.state().draft) == (None, {})


def test_a_server_that_stops_breaks_the_fetch_off(place: Office, site: Site) -> None:
    place.desk.stop()
    place.desk.fetch(ME)
    place.desk.sites.work.wait(PATIENCE)
    assert place.desk.sites.work.fault == ("没有做完，已停下。", "It was broken off.")
    assert place.desk.shelf.state().draft == {}
    assert [*place.desk.folder.incoming.iterdir()] == []


@pytest.mark.slow
def test_a_site_that_is_away_takes_nothing_away(place: Office, site: Site) -> None:
    fetched(place)
    place.publish()
    site.down = True
    (brought,) = fetched(place).sites
    assert "robots.txt" in brought.fetched.failed[0][1]
    assert place.desk.shelf.state().draft == {}


def test_sites_yaml_is_edited_and_private_addresses_are_not_added(place: Office, site: Site) -> None:
    seen = place.desk.shelf.files().present["sites.yaml"].sha
    with pytest.raises(ParkqaError, match=r"sites\.yaml:1"):
        place.desk.write_text(ME, "sites.yaml", "- address: ftp://a\n", seen)
    with pytest.raises(ParkqaError, match="private: true"):
        place.desk.write_text(ME, "sites.yaml", "- address: http://192.168.0.1\n  private: true\n", seen)
    text = f"- address: http://{site.host}/\n  private: true\n- address: https://b.example\n"
    place.desk.write_text(ME, "sites.yaml", text, seen)
    assert [each.address for each in place.desk.sites.sites()] == [f"http://{site.host}", "https://b.example"]
