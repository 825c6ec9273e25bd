"""What is counted for Prometheus: numbers only, never a word of a question or of a visitor.

``Meter`` receives the events and ignores them; ``Metrics``, used where PARKQA_METRICS is set, counts them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import get_args

from parkqa.errors import ParkqaError
from parkqa.search.stages import Stage
from parkqa.types import Answer

STAGES = ("line", "answer", *get_args(Stage))
"""Where a question's seconds go: it waits its turn; it is answered, in which there are the stages of the engine."""
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Bounds of the histogram in seconds, chosen by hand around the answers of docs/performance.md."""
FAULTS = ("build_error", "index_error", "journal", "messages")
"""The faults that ``/readyz`` tells."""


class Meter:
    """Receives every event (answers, turns, builds, responses) and ignores it; ``Metrics`` counts them."""

    def answered(self, answer: Answer) -> None:
        """A visitor or a program was given an answer."""

    def spent(self, seconds: Mapping[str, float]) -> None:
        """A question took so many seconds, by ``search.stages.Stage``; those that it did not come to are not in it."""

    def waited(self, seconds: float) -> None:
        """The turn of a question, or of a search in a source, came after so many seconds in the line."""

    def built(self, *, done: bool) -> None:
        """A build of this server has ended: ``done``, or failed."""

    def responded(self, status: int) -> None:
        """A request was answered with this HTTP status."""


class Metrics(Meter):
    """Counts, and returns it all in the text format of Prometheus. Thread-safe."""

    def __init__(self) -> None:
        """Begin at zero.

        Raises:
            ParkqaError: the extra ``metrics`` is not installed.
        """
        try:
            from prometheus_client import CollectorRegistry, Counter, Histogram
        except ImportError as error:
            raise ParkqaError(
                'PARKQA_METRICS=true 要用附加包 metrics：请运行 pip install -c constraints.txt -e ".[metrics]"。',
                'PARKQA_METRICS=true needs the extra metrics: run pip install -c constraints.txt -e ".[metrics]".',
            ) from error
        self._registry = own = CollectorRegistry()
        self._questions = Counter("parkqa_questions", "Inputs answered, by kind of the answer", ["kind"], registry=own)
        self._seconds = Histogram(
            "parkqa_stage_seconds", "Seconds by stage of a question", ["stage"], registry=own, buckets=BUCKETS
        )
        self._builds = Counter(
            "parkqa_builds", "Builds that this server began and that ended", ["result"], registry=own
        )
        self._responses = Counter("parkqa_responses", "HTTP responses by status", ["status"], registry=own)
        # A series that begins with its first event has no rate at that event, and alerts would miss it.
        for kind in ("answer", "refusal", "smalltalk"):
            self._questions.labels(kind)
        for stage in STAGES:
            self._seconds.labels(stage)
        for result in ("done", "failed"):
            self._builds.labels(result)
        for status in (200, 429, 500, 503):
            self._responses.labels(status)

    def answered(self, answer: Answer) -> None:
        """Count the answer by its kind, and its seconds."""
        self._questions.labels(answer.kind).inc()
        self._spent("answer", answer.elapsed_ms / 1000)

    def spent(self, seconds: Mapping[str, float]) -> None:
        """Count the seconds of each stage."""
        for stage, each in seconds.items():
            self._spent(stage, each)

    def waited(self, seconds: float) -> None:
        """Count the seconds in the line."""
        self._spent("line", seconds)

    def built(self, *, done: bool) -> None:
        """Count the build by its result."""
        self._builds.labels("done" if done else "failed").inc()

    def responded(self, status: int) -> None:
        """Count the response by its status."""
        self._responses.labels(status).inc()

    def measure(
        self,
        line: Callable[[], tuple[int, int]],
        ready: Callable[[], bool],
        faults: Callable[[], Mapping[str, str]],
        built: Callable[[], float],
    ) -> None:
        """Have these asked whenever the numbers are read; to be called once.

        Args:
            line: how many questions wait, and how many are being answered.
            ready: whether there is an engine.
            faults: the faults that there are, by one of FAULTS.
            built: POSIX time of the build of the current index; may raise ParkqaError, and the age is then unknown.
        """
        from prometheus_client import Gauge

        def gauge(name: str, what: str) -> Gauge:
            return Gauge(f"parkqa_{name}", what, registry=self._registry)

        gauge("line_waiting", "Questions that wait their turn").set_function(lambda: line()[0])
        gauge("line_answering", "Questions that are being answered").set_function(lambda: line()[1])
        gauge("ready", "1 if questions can be answered").set_function(lambda: float(ready()))
        gauge("index_age_seconds", "Seconds since the current index was built").set_function(lambda: _age(built))
        fault = Gauge("parkqa_fault", "1 while /readyz tells this fault", ["fault"], registry=self._registry)
        for name in FAULTS:
            fault.labels(name).set_function(partial(_is_in, name, faults))

    def text(self) -> tuple[bytes, str]:
        """Return the numbers as they are now, and the media type. It may read a disk or ask a database."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _spent(self, stage: str, seconds: float) -> None:
        self._seconds.labels(stage).observe(seconds)


def _is_in(name: str, faults: Callable[[], Mapping[str, str]]) -> float:
    return float(name in faults())


def _age(built: Callable[[], float]) -> float:
    try:
        return max(0.0, time.time() - built())
    except ParkqaError:
        return float("nan")
