"""The address for phones: that of the network as it is, never one that only this machine knows."""

from __future__ import annotations

import socket
from collections import namedtuple
from typing import Any

import psutil
import pytest

from parkqa.settings import Settings, load_settings
from parkqa.web.serving import network

Entry = namedtuple("Entry", "family address netmask")
State = namedtuple("State", "isup")
LOOPBACK = ("lo", "127.0.0.1", "255.0.0.0")
WLAN = ("wlan0", "192.168.1.5", "255.255.255.0")
CABLE = ("eth0", "10.0.0.2", "255.0.0.0")
DOCKER = ("docker0", "172.17.0.1", "255.255.0.0")
TUNNEL = ("ppp0", "10.8.0.2", "255.255.255.255")
LONELY = ("eth1", "169.254.3.4", "255.255.0.0")


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that sets the networks, which of them are down, and the address packets would leave from."""

    def given(*entries: tuple[str, str, str], down: str = "", routed: str = "") -> None:
        found: dict[str, list[Entry]] = {}
        for name, address, mask in entries:
            found.setdefault(name, []).append(Entry(socket.AF_INET, address, mask))
            found[name].append(Entry(socket.AF_INET6, "fe80::1", None))
        monkeypatch.setattr(psutil, "net_if_addrs", lambda: found)
        monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: State(name != down) for name in found})
        monkeypatch.setattr(network, "_routed", lambda: routed)

    return given


def test_it_is_the_one_packets_would_leave_from(networks: Any) -> None:
    networks(LOOPBACK, CABLE, WLAN, routed="192.168.1.5")
    assert network.address() == "192.168.1.5"


def test_without_a_way_out_it_is_that_of_a_network_that_is_up(networks: Any) -> None:
    networks(LOOPBACK, CABLE, WLAN, down="eth0")
    assert network.address() == "192.168.1.5"


@pytest.mark.parametrize("useless", [LOOPBACK, DOCKER, TUNNEL, LONELY])
def test_what_no_phone_reaches_is_none(networks: Any, useless: tuple[str, str, str]) -> None:
    networks(useless, routed=useless[1])
    assert network.address() == ""
    networks(useless, WLAN, routed=useless[1])
    assert network.address() == "192.168.1.5"


def test_this_machine_says_one_of_its_own_or_none() -> None:
    own = {entry.address for entries in psutil.net_if_addrs().values() for entry in entries}
    assert network.address() in own | {""}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ""),
        ({"host": "0.0.0.0"}, ""),
        ({"lan": True}, "http://192.168.1.5:7860"),
        ({"lan": True, "port": 80, "root_path": "/park"}, "http://192.168.1.5:80/park"),
        ({"lan": True, "host": "10.9.9.9"}, "http://10.9.9.9:7860"),
        ({"lan": True, "host": "fd00::5"}, "http://[fd00::5]:7860"),
        ({"public_url": "https://ask.example.cn/"}, "https://ask.example.cn"),
        ({"lan": True, "public_url": "https://ask.example.cn"}, "https://ask.example.cn"),
    ],
)
def test_phones_are_led_to_what_they_can_open(networks: Any, given: dict[str, Any], expected: str) -> None:
    networks(LOOPBACK, WLAN)
    assert network.phones(load_settings(**given)) == expected


def test_a_network_that_goes_takes_its_address_along(networks: Any) -> None:
    settings: Settings = load_settings(lan=True)
    networks(WLAN)
    assert network.phones(settings)
    networks(WLAN, down="wlan0")
    assert network.phones(settings) == ""
