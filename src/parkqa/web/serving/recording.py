"""What becomes of an answer that was given: it is counted, and kept in the journal where there is one."""

from __future__ import annotations

from parkqa.journal.recorder import Recorder
from parkqa.types import Answer, Mode
from parkqa.web.serving.metrics import Meter


def record(answer: Answer, meter: Meter, recorder: Recorder | None, mode: Mode, conversation: str = "") -> None:
    """Count an answer and record it.

    Args:
        answer: what a visitor or a program was given.
        meter: counts it.
        recorder: keeps it; None without a journal, or where the question was not the visitor's own.
        mode: the face that was asked.
        conversation: a token shared by all questions of a conversation, "" without one.
    """
    meter.answered(answer)
    if recorder:
        recorder.record(answer, mode, conversation)
