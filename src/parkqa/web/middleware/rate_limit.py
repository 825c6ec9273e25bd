"""Rate limits per visitor (``addresses.visitor``), counted in memory with sliding windows."""

from __future__ import annotations

import math
import time

from limits import parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from parkqa.errors import ParkqaError


class Limiter:
    """Counts requests by visitor; not safe for use from several event loops."""

    def __init__(self, rate: str = "") -> None:
        """Set the limits.

        ``rate`` is in the notation of the library ``limits``, such as ``600/minute;6000/hour``; "" means no limit.
        """
        self._rates = parse_many(rate) if rate else []
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def wait(self, kind: str, visitor: str) -> int:
        """Count a request of a ``kind``; return 0 if it is within the limits, else the seconds to wait, at least 1."""
        for rate in self._rates:
            if not await self._windows.hit(rate, kind, visitor):
                reset, _ = await self._windows.get_window_stats(rate, kind, visitor)
                return max(1, math.ceil(reset - time.time()))
        return 0


def too_often(seconds: int) -> ParkqaError:
    """Return the error for an address that exceeded its limit and may ask again after ``seconds``."""
    return ParkqaError(
        f"这个网络地址问得太快了，请 {seconds} 秒后再问。",
        f"Too many requests from this network address; please ask again in {seconds} seconds.",
    )
