"""How often one address may ask: sliding windows in memory."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from parkqa.errors import ParkqaError


class Limiter:
    """Counts requests by address; one limiter serves one event loop."""

    def __init__(self, rate: str = "") -> None:
        """Take a rate as the library ``limits`` writes it, as ``600/minute;6000/hour``; an empty one limits nothing."""
        self._rates = parse_many(rate) if rate else []
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def wait(self, kind: str, address: str) -> int:
        """Count a request of a ``kind``; return 0 when it is taken, else the seconds until one will be."""
        who = network(address)
        for rate in self._rates:
            if not await self._windows.hit(rate, kind, who):
                reset, _ = await self._windows.get_window_stats(rate, kind, who)
                return max(1, math.ceil(reset - time.time()))
        return 0


def network(address: str) -> str:
    """Return what counts as one address: an IPv6 network of 64 bits, which one household has, or the address itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def too_often(seconds: int) -> ParkqaError:
    """Return what is said to an address that has to wait."""
    return ParkqaError(
        f"这个网络地址问得太快了，请 {seconds} 秒后再问。",
        f"Too many requests from this network address; please ask again in {seconds} seconds.",
    )
