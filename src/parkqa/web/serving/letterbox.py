"""The box for visitors' messages: takes them one after the other, and deletes them when their time is up.

A message has a line of its own, so that no answer waits for the disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import Request

from parkqa.corpus.curation.park import Park
from parkqa.errors import MessagesError, ParkqaError
from parkqa.journal import messages
from parkqa.journal.entries import LONGEST_PAUSE
from parkqa.journal.messages import BoxFull, Message
from parkqa.settings import Settings
from parkqa.web.serving.question_queue import QuestionQueue

_LOG = logging.getLogger("parkqa")
WAITING = 20
"""Messages that may wait for the disk; chosen by hand: they are two a second even where it is slow."""
_TIDY_SECONDS = 3600.0
"""Seconds between deletions of messages whose time is up."""
_NOT_KEPT = MessagesError(
    "没有存上，请过一会儿再提交一次，或直接联系园区办公室。",
    "It could not be kept: please send it again in a while, or contact the park’s office directly.",
)


class Letterbox:
    """Takes messages where the park wants them; ``park`` returns park.yaml as it is at present."""

    def __init__(self, settings: Settings, park: Callable[[], Park]) -> None:
        self.days = settings.messages_days
        self.fault: ParkqaError | None = None
        self._path: Path = settings.messages_file
        self._park = park
        self._line = QuestionQueue(1, WAITING)

    @property
    def park(self) -> Park:
        """The park at present."""
        return self._park()

    def is_open(self) -> bool:
        """Whether messages are taken at present."""
        return self._park().messages

    async def take(self, request: Request, message: Message) -> None:
        """Keep a message that came with a request whose body has been read; it is on the disk when this returns.

        Raises:
            Busy: too many wait.
            MessagesError: it could not be kept.
        """
        await self._line.ask(request, self._keep, message)

    def _keep(self, message: Message) -> None:
        try:
            messages.leave(self._path, message)
        except BoxFull:
            raise
        except MessagesError as error:
            self._failed(error)
            raise _NOT_KEPT from error
        self.fault = None

    def tidy(self) -> None:
        """Delete the messages whose time is up."""
        try:
            if messages.drop_old(self._path, self.days, datetime.now(UTC)):
                return
            self._failed(_wrong_clock())
        except MessagesError as error:
            self._failed(error)

    def _failed(self, error: ParkqaError) -> None:
        """Keep the error for /readyz, and log it once."""
        if str(error) != str(self.fault):
            _LOG.error("%s", error)
        self.fault = error

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Delete what is old, now and every hour, also where no messages are taken any more."""

        async def tidying() -> None:
            while True:
                await asyncio.to_thread(self.tidy)
                await asyncio.sleep(_TIDY_SECONDS)

        task = asyncio.create_task(tidying())
        try:
            yield
        finally:
            task.cancel()
            self._line.close()


def _wrong_clock() -> MessagesError:
    days = LONGEST_PAUSE.days
    return MessagesError(
        f"{days} 天以上没有人留言，而留言还在：时钟可能不对，过期的留言先不删。"
        "时钟没错的话，请在工作台里删，或移走留言文件。",
        f"Nobody has left a message for more than {days} days, and yet some are there: the clock may be wrong, so old "
        "ones are not deleted. If it is right, delete them at the desk, or move the file of messages away.",
    )
