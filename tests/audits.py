"""Pages looked at with axe-core, in one state after the other, light and dark: no critical and no serious finding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Frame, Page

from browsers import DESKTOP, watched

GRAVE = ("critical", "serious")
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
"""Colours follow the system's while a page is open, so that it need not be opened for each."""
RUN = """async () => {
  for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();
  const found = await axe.run(document, { resultTypes: ["violations"], iframes: false });
  return found.violations.map(({ id, impact, nodes }) => [impact, id, nodes.map((node) => node.html.slice(0, 120))]);
}"""


class Audit:
    """What axe-core finds on a page in one state after the other."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.found: list[Any] = []
        self.states = 0

    def look(self, state: str, *schemes: Scheme) -> None:
        """Take the page as it is now, every frame of it, in these colours or in all."""
        for scheme in schemes or SCHEMES:
            self._page.emulate_media(color_scheme=scheme)
            for frame in self._page.frames:
                self.found += [(scheme, state, *one) for one in _violations(frame) if one[0] in GRAVE]
        self.states += 1


def _violations(frame: Frame) -> list[list[Any]]:
    if not frame.evaluate("'axe' in window"):
        frame.evaluate(AXE_SCRIPT)
    found: list[list[Any]] = frame.evaluate(RUN)
    return found


@contextmanager
def audited(browser: Browser, size: Any = DESKTOP, **options: Any) -> Iterator[tuple[Page, Audit]]:
    """Open a page where nothing moves; at the end nothing grave may have been found in any state."""
    with watched(browser, size, reduced_motion="reduce", **options) as (page, _):
        audit = Audit(page)
        yield page, audit
    assert audit.states
    assert audit.found == []
