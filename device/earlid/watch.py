"""Follows `listen` and `upload` as they run, on a live screen or line by line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from earlid.core.plain import sentence, stamped
from earlid.core.screenplay import Event, Screenplay
from earlid.core.timeline import Timeline
from earlid.edge.processes import Children, Left, Told
from earlid.edge.screen import FRAMES_PER_S, Screen

FRAME_S = 1.0 / FRAMES_PER_S


class Watch:
    """One person watching. `story` are the words of a recording that is known, for subtitles."""

    def __init__(self, children: Children, screen: Screen | None, story: Timeline | None = None) -> None:
        self.play = Screenplay()
        self.left: dict[str, Left] = {}
        self._children = children
        self._screen = screen
        self._story = story
        self._captioned = 0
        self._due_s = 0.0

    @property
    def is_plain(self) -> bool:
        """Whether this is told line by line."""
        return self._screen is None

    def until(self, is_over: Callable[[], bool], limit_s: float | None = None) -> bool:
        """Watch until `is_over`, asked after every news; False if that took longer than `limit_s`."""
        end_s = None if limit_s is None else time.monotonic() + limit_s
        while not is_over():
            now_s = time.monotonic()
            if end_s is not None and now_s >= end_s:
                return False
            self._draw_if_due(now_s)
            self._hear(max(0.001, min(self._due_s - now_s, FRAME_S)))
        return True

    def linger(self, span_s: float) -> None:
        """Let a person see the end for `span_s`, on a screen; line by line there is nothing to wait for."""
        if self._screen:
            self.until(lambda: False, span_s)

    def finish(self) -> None:
        """Take in what was said at the very end, after the children were stopped."""
        for item in self._children.rest():
            self._take(item)

    def leave_a_picture(self) -> None:
        """Put the screen's last picture where it can be scrolled back to."""
        if self._screen:
            self._screen.leave(self.play, self._story, time.monotonic())

    def _hear(self, timeout_s: float) -> None:
        item = self._children.news(timeout_s)
        while item is not None:
            self._take(item)
            item = self._children.news(0.0)

    def _take(self, item: object) -> None:
        if isinstance(item, Left):
            self.left[item.name] = item
        elif isinstance(item, Told):
            self.play.take(item.event, time.monotonic())
            if not self._screen:
                self._say(item.event)

    def _draw_if_due(self, now_s: float) -> None:
        if now_s >= self._due_s:
            self._due_s = now_s + FRAME_S
            if self._screen:
                self._screen.show(self.play, self._story, now_s)

    def _say(self, event: Event) -> None:
        for words in self._story.until(self.play.heard)[self._captioned :] if self._story else ():
            self._captioned += 1
            out(stamped(words.start, f"{words.who}: {words.text}"))
        told = sentence(event)
        if told:
            at = event.get("sample")
            out(stamped(at if isinstance(at, int) else self.play.heard, told))


def chosen(screen: Screen, plain: bool) -> Screen | None:
    """The live screen, or None where lines are asked for or nothing else is possible."""
    return screen if screen.is_possible and not plain else None


def on(screen: Screen | None) -> AbstractContextManager[object]:
    """The terminal in the screen's hands for a while."""
    return screen or nullcontext()


def out(line: str) -> None:
    """One line for the person, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
