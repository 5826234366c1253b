"""How the line stands, told to whoever asks or listens, and what a person answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from station.events import Clock, utc_text
from station.line.state import Snapshot, State
from station.log import info

Listener = Callable[[Snapshot], None]


class Telling:
    """The line as others see it; every change goes through here."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._snapshot = Snapshot(number=0, state=State.IDLE, since=utc_text(clock()))
        self._moved = time.monotonic()
        self._listeners: list[Listener] = []
        self._stop_capture = self._hand_done = False

    @property
    def snapshot(self) -> Snapshot:
        """How the line stands."""
        with self._changed:
            return self._snapshot

    @contextmanager
    def heard_by(self, listener: Listener) -> Iterator[Snapshot]:
        """Tell a listener of every change, in the thread that makes it; yields how the line stands before the first."""
        with self._changed:
            self._listeners.append(listener)
            now = self._snapshot
        try:
            yield now
        finally:
            with self._changed:
                self._listeners.remove(listener)

    def hand_done(self) -> Snapshot:
        """A person says that the lamp or the part is as it was asked for; where nobody was asked nothing happens."""
        with self._changed:
            self._hand_done = True
            self._changed.notify_all()
            return self._snapshot

    def _waited(self, longest_s: float, state: State, asked: dict[str, Any], after: dict[str, Any]) -> bool:
        """Whether a person said that it is done, before the capture was stopped."""
        with self._changed:
            self._hand_done = False
            self._set(state, **asked)
            self._changed.wait_for(lambda: self._hand_done or self._stop_capture, longest_s)
            done = self._hand_done and not self._stop_capture
            self._set(self._snapshot.state, **after)
        return done

    def _say(self, state: State, **values: Any) -> None:
        with self._changed:
            self._set(state, **values)
        if values.get("fault") is not None:
            info(f"line {state}: {values['fault']}", panel=self._snapshot.panel)

    def _set(self, state: State, **values: Any) -> None:
        before = self._snapshot
        since = before.since if state is before.state else utc_text(self._clock())
        self._snapshot = replace(before, number=before.number + 1, state=state, since=since, **values)
        self._moved = time.monotonic()
        for listener in self._listeners:
            listener(self._snapshot)
