"""A shift of the station alone, with something going wrong at random: it goes on by itself, or says what to do."""

from __future__ import annotations

import http.client
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from test_app import free_port

from station.store.checking import check

PATIENCE_S = 90.0
#: Pictures of the screen alone in one capture: a trouble comes before one of them.
PICTURES = 18
#: What may happen, and the code under which the page says what to do; None: it goes on by itself.
TROUBLES: dict[str, set[str | None]] = {
    "camera_gone": {"camera_silent"},
    "doubled": {"frame_doubled"},
    "lost_picture": {"frames_lost"},
    # The pattern before may be so like this one that the series still fits.
    "torn": {"series_uneven", None},
    "late_picture": {"series_uneven", "frame_doubled", None},
    "page_closed": {"screen_closed"},
    "page_hidden": {"screen_hidden"},
    "late_acknowledgement": {"screen_late"},
    "lamp_fails": {"lamps_silent"},
    "other_light": {"saturated", "exposure_unsteady", None},
    "no_room": {"no_room"},
    "disk_full": {"disk_full"},
    "hangs": {"hung"},
    "unforeseen": {"unforeseen"},
    "clock_back": {None},
    "clock_far_back": {"clock_back"},
    "killed": {None},
}
#: Which of them happen before the first picture, while storing, or at any time.
AT_ANY_TIME = {"no_room", "disk_full", "lamp_fails", "clock_back", "clock_far_back", "killed", "other_light"}


@dataclass
class Shift:
    """A station and the minutes of its day."""

    folder: Path
    minute: float = 0.0
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    finished: dict[int, str] = field(default_factory=dict)

    def tell(self, **trouble: Any) -> None:
        """What happens from now on, and what time it is."""
        unfinished = self.folder / "trouble.part"
        unfinished.write_text(json.dumps({"minute": self.minute} | trouble), encoding="utf-8")
        unfinished.replace(self.folder / "trouble")

    def begin(self) -> None:
        """Start the station, as the service manager does, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            command = [sys.executable, str(Path(__file__).with_name("troubled_station.py")), str(self.folder)]
            self.process = subprocess.Popen([*command, str(self.port)], stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                self.asked("/api/line")
                return
            except ConnectionError:
                assert self.process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
                time.sleep(0.1)
        raise AssertionError("the station does not answer")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def asked(self, path: str, told: object = None, language: str = "en") -> tuple[int, str]:
        """Status and content of one answer."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        body = None if told is None else json.dumps(told)
        headers = {"Accept-Language": language, "Content-Type": "application/json"}
        try:
            wire.request("GET" if body is None else "POST", path, body, headers)
            answer = wire.getresponse()
            return answer.status, answer.read().decode()
        finally:
            wire.close()

    def start(self, code: str) -> tuple[int, dict[str, Any]]:
        wanted = {"code": code, "recipe": "plain", "pass_number": 1, "wiped": True}
        status, content = self.asked("/api/line/start", wanted)
        return status, json.loads(content)

    def line(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.asked("/api/line")[1])
        return told

    def ends(self) -> dict[str, Any]:
        """How the panel in work ends."""
        until = time.monotonic() + PATIENCE_S
        line = self.line()
        while line["state"] in ("preparing", "capturing", "measuring") and time.monotonic() < until:
            time.sleep(0.03)
            line = self.line()
        if line["state"] == "done":
            self.finished[line["inspection"]] = line["panel"]
        return line

    def said(self, language: str) -> str | None:
        """The sentence about what went wrong on the page of the line."""
        found = re.search(r'<p class="fault">(.+?)</p>', self.asked("/line", language=language)[1])
        return None if found is None else found[1]

    def stored(self) -> dict[int, str]:
        rows, cursor = {}, ""
        while True:
            page = json.loads(self.asked(f"/api/inspections?limit=200{cursor}")[1])
            rows |= {row["id"]: row["panel"] for row in page["items"]}
            if page["next_cursor"] is None:
                return rows
            cursor = f"&cursor={page['next_cursor']}"


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift]:
    made = Shift(tmp_path)
    made.tell()
    made.begin()
    yield made
    made.kill()


def meets(shift: Shift, trouble: str, code: str, chance: random.Random) -> str | None:
    """One panel while something goes wrong; returns the code of what the page says, None where it went well."""
    before = 1 if trouble in AT_ANY_TIME else chance.randint(3, PICTURES)
    back = {"clock_back": 20.0, "clock_far_back": 3 * 24 * 60.0}.get(trouble, 0.0)
    shift.minute -= back
    shift.tell(name=trouble, before=before)
    status, told = shift.start(code)
    if trouble == "killed":
        time.sleep(chance.uniform(0.0, 1.5))
        ended = shift.line()
        shift.kill()
        if ended["state"] == "done":
            shift.finished[ended["inspection"]] = code
        shift.tell()
        shift.begin()
        shift.minute += back
        return None
    shift.minute += back
    if status != 202:
        # Refused at once, in a sentence: nothing was captured.
        assert told["words"], told
        assert shift.asked("/api/line/start", {"code": code, "recipe": "plain", "pass_number": 1}, "zh")[0] == status
        return str(told["code"])
    ended = shift.ends()
    if ended["state"] == "done":
        return None
    for language in ("en", "zh"):
        sentence = shift.said(language)
        assert sentence, ended
        assert sentence != ended["fault"], f"{ended['fault_code']} has no words"
        assert (re.search("[\u4e00-\u9fff]", sentence) is not None) == (language == "zh")
    return str(ended["fault_code"])


def recovers(shift: Shift, code: str) -> dict[str, Any]:
    """The same panel when a person has done what the page says: measured without anything else being done."""
    shift.tell()
    until = time.monotonic() + PATIENCE_S
    while True:
        status, told = shift.start(code)
        # What hung still holds the line until it moves; a page that comes back needs a moment.
        if status == 202:
            ended = shift.ends()
            if ended["state"] == "done" or time.monotonic() > until:
                return ended
        elif status == 409 and "passes" in told:
            # It was measured in spite of it: the question about the next pass says so.
            return {"state": "done"}
        assert status in (202, 409, 503), told
        assert time.monotonic() < until, told
        time.sleep(0.2)


@pytest.mark.parametrize("minutes", [2 * len(TROUBLES), pytest.param(60 * 5, marks=pytest.mark.soak)])
def test_a_shift_goes_on_whatever_goes_wrong_and_every_trouble_is_said_on_the_page(shift: Shift, minutes: int) -> None:
    chance = random.Random(minutes)
    waiting: list[str] = []
    seen: Counter[str] = Counter()
    while shift.minute < minutes:
        # Each comes before any comes again.
        waiting = waiting or chance.sample(sorted(TROUBLES), len(TROUBLES))
        trouble = waiting.pop()
        code = f"AM-{shift.minute:05.0f}"
        said = meets(shift, trouble, code, chance)
        assert said in TROUBLES[trouble], f"{trouble}: {said}"
        seen[f"{trouble}: {said}"] += 1
        ended = recovers(shift, code)
        assert ended["state"] == "done", f"after {trouble}: {ended}"
        shift.minute += 2
    print("\n".join(f"{count} x {what}" for what, count in sorted(seen.items())))
    stored = shift.stored()
    assert shift.finished.items() <= stored.items(), "a finished inspection is missing"
    assert len(set(stored.values())) == minutes // 2, "a panel was not measured"
    shift.kill()
    assert check(shift.folder / "data" / "station.db").faults == ()
