"""Network addresses: which count as one visitor."""

from __future__ import annotations

import ipaddress

from starlette.types import Scope

LONGEST = 64
"""Characters of a visitor's key; an IP address has at most 45."""


def visitor(scope: Scope) -> str:
    """Return the key of the visitor who sent a request: the network of the client's address, "" if it has none."""
    client = scope.get("client")
    return network(client[0]) if client else ""


def network(address: str) -> str:
    """Return the key under which an address is counted.

    An IPv4 address counts by itself; an IPv6 address counts as its /64 network, since one household usually has a whole
    /64. Of text that is not an IP address, which only a proxy can hand on, the first LONGEST characters are returned,
    since keys are kept in memory.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:LONGEST]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
