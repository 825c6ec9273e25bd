"""Finds the address under which phones on the local network reach this machine, without sending any packet."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address

import psutil

from parkqa.settings import Settings

_VIRTUAL = re.compile(r"docker|br-|veth|virbr|vmnet|vboxnet|vethernet|vmware|virtualbox|u?tun|tap|wg|zt", re.IGNORECASE)
"""Name prefixes of virtual and tunnel interfaces."""
_NOWHERE = ("192.0.2.1", 9)
"""A documentation address that no host has (RFC 5737)."""


def phones(settings: Settings) -> str:
    """Return the base URL of this server for phones, or "" if there is none.

    This is the configured ``public_url``, else, with ``lan``, the address in the local network, which is determined on
    every call, since networks come and go at a fair.
    """
    if settings.public_url or not settings.lan:
        return settings.public_url
    host = address() if settings.host in ("0.0.0.0", "::") else settings.host
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{settings.port}{settings.root_path}" if host else ""


def address() -> str:
    """Return the IPv4 address of this machine in its local network, or "" without a network."""
    found = _addresses()
    routed = _routed()
    return routed if routed in found else next(iter(found), "")


def _addresses() -> list[str]:
    """Return the IPv4 addresses of interfaces that are up, without loopback, link-local, virtual and tunnel ones."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    return [
        entry.address
        for name, entries in psutil.net_if_addrs().items()
        if name in up and not _VIRTUAL.match(name)
        for entry in entries
        if entry.family == socket.AF_INET and entry.netmask != "255.255.255.255" and _usable(entry.address)
    ]


def _usable(address: str) -> bool:
    found = IPv4Address(address)
    return not (found.is_loopback or found.is_link_local or found.is_unspecified)


def _routed() -> str:
    """Return the source address of the default route, or ""; connecting a UDP socket sends no packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOWHERE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])
