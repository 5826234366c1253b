"""``/about``: what the words and shapes mean, and how the station is."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

import inspection.measures
from inspection.defects.kinds import ABOUT
from inspection.reading import Quality
from inspection.registry import MEASURES, discover
from inspection.report import Action, Status
from inspection.verdict import Verdict
from station.web.deps import StoreDep
from station.web.findings import family_of
from station.web.keeping import warnings_in_words
from station.web.marks import FALSE_ALARM, FOUND, MISSED, NOT_SEEN
from station.web.rendering import language_of, page
from station.web.wording import Wording

router = APIRouter()

discover(inspection.measures)


@router.get("/about")
def show(request: Request, store: StoreDep) -> HTMLResponse:
    """Help; everything on it derives from what the library can say."""
    health = store.health()
    words = Wording(language_of(request))
    counts, space, backup = health["counts"], health["space"], health["backup"]
    days_left = space["days_left"]
    values = {
        "verdicts": [str(verdict) for verdict in Verdict],
        "actions": [str(action) for action in Action],
        "families": list(dict.fromkeys(family_of(measure) for measure in MEASURES)),
        "kinds": [
            (str(kind), words.kind(kind), [words.word("process", str(process)) for process in about.origins])
            for kind, about in ABOUT.items()
        ],
        "tones": [FOUND, *map(str, Status), NOT_SEEN, MISSED, FALSE_ALARM],
        "doubts": [str(flag) for flag in Quality],
        "state": [
            (words.word("health", "version"), request.app.version),
            (words.word("health", "database"), words.word("health", health["database"])),
            *((words.word("health", name), words.number(counts[name])) for name in ("panel", "inspection", "recipe")),
            (words.word("health", "free"), f"{words.number(space['free_bytes'] / 1e9, 1)} GB"),
            (
                words.word("health", "days left"),
                words.word("health", "many days") if days_left is None else words.number(days_left),
            ),
            (
                words.word("health", "last backup"),
                words.word("health", "never") if backup is None else words.moment(backup["done_at"]),
            ),
        ],
        "warnings": warnings_in_words(health["warnings"], words),
    }
    return page(request, "about.html", values, section="about", twin="/api/health")
