"""The worker threads of the models: independent forward passes run side by side, each of them on one thread.

A pass that is itself spread over threads makes them meet hundreds of times, and spin while they wait; beside one other
busy program it took 4 times as long as alone. Passes that do not wait for each other lose only the processor time that
the other program takes (docs/performance.md, "Beside other programs").
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache


def worker_count(threads: int) -> int:
    """Return the number of worker threads for the setting ``threads``: 0 means all processors this process may use."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return threads or available


def workers(threads: int) -> ThreadPoolExecutor:
    """Return the pool that all models of this process share, and let torch compute each pass on one thread.

    Args:
        threads: the number of workers; 0 means all processors that this process may use.

    >>> list(workers(2).map(len, ["park", "of"]))
    [4, 2]
    """
    import torch

    torch.set_num_threads(1)
    return _pool(worker_count(threads))


@lru_cache(maxsize=8)
def _pool(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, "parkqa-model")
