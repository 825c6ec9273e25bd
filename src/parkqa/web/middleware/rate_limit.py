"""Rate limits per network address, counted in memory with sliding windows."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from parkqa.errors import ParkqaError


class Limiter:
    """Counts requests by address; not safe for use from several event loops."""

    def __init__(self, rate: str = "") -> None:
        """Set the limits.

        ``rate`` is in the notation of the library ``limits``, such as ``600/minute;6000/hour``; "" means no limit.
        """
        self._rates = parse_many(rate) if rate else []
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def wait(self, kind: str, address: str) -> int:
        """Count a request of a ``kind``; return 0 if it is within the limits, else the seconds to wait, at least 1."""
        key = network(address)
        for rate in self._rates:
            if not await self._windows.hit(rate, kind, key):
                reset, _ = await self._windows.get_window_stats(rate, kind, key)
                return max(1, math.ceil(reset - time.time()))
        return 0


def network(address: str) -> str:
    """Return the key under which an address is counted.

    An IPv4 address counts by itself; an IPv6 address counts as its /64 network, since one household usually has a whole
    /64. Text that is not an IP address is returned unchanged.
    """
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
    """Return the error for an address that exceeded its limit and may ask again after ``seconds``."""
    return ParkqaError(
        f"这个网络地址问得太快了，请 {seconds} 秒后再问。",
        f"Too many requests from this network address; please ask again in {seconds} seconds.",
    )
