"""Where phones on the same network reach this machine. Nothing is sent to find out."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address

import psutil

from parkqa.settings import Settings

_VIRTUAL = re.compile(r"docker|br-|veth|virbr|vmnet|vboxnet|vethernet|vmware|virtualbox|u?tun|tap|wg|zt", re.IGNORECASE)
"""Beginnings of the names of networks that exist only inside of a machine, or lead through a tunnel."""
_NOWHERE = ("192.0.2.1", 9)
"""An address that is nobody's (RFC 5737)."""


def phones(settings: Settings) -> str:
    """Return the address of this server that a phone can open, "" where there is none.

    It is the one the operator has named (``public_url``), else, with ``lan``, that in the local network as it is now:
    networks come and go at a fair.
    """
    if settings.public_url or not settings.lan:
        return settings.public_url
    host = address() if settings.host in ("0.0.0.0", "::") else settings.host
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{settings.port}{settings.root_path}" if host else ""


def address() -> str:
    """Return the IPv4 address of this machine in its local network, "" where it is in none."""
    found = _addresses()
    routed = _routed()
    return routed if routed in found else next(iter(found), "")


def _addresses() -> list[str]:
    """The addresses of the networks that are up: no loopback, none given for want of a network, no tunnel."""
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
    """The address from which packets would leave, as the routes stand; a datagram socket sends none to connect."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOWHERE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])
