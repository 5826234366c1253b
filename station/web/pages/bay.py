"""``/bay``: the hand-finishing worker's pages. Which panels wait, and of one of them only what is to be done now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from station.events import utc_now, utc_text
from station.store.corrected import as_it_stands
from station.store.reader import Reader
from station.store.rulings import action_of
from station.store.ticks import AT_THE_BAY
from station.web.api.compare import pair_of
from station.web.api.inspections import with_links
from station.web.changes import film_bars
from station.web.compared import compared
from station.web.deps import StoreDep
from station.web.marks import marks, present
from station.web.passes import summary
from station.web.reasons import reasons, tasks
from station.web.rendering import language_of, page
from station.web.stage import stage_of
from station.web.wording import Wording
from station.web.work import clocks

router = APIRouter()

#: Panels that the first page offers: as many as a tablet shows without much scrolling.
OFFERED = 12
#: More cannot be kept in mind while one works.
MOST_ACTIONS = 3
WORKER = Path(__file__).parents[1] / "static" / "bay-worker.js"


@router.get("/bay")
def waiting(request: Request, store: StoreDep, code: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """Panels that wait for work, the newest first; a code that was scanned or typed leads to its panel."""
    words = Wording(language_of(request))
    asked = (code or "").strip()
    with store.reader() as reader:
        if asked and reader.knows(asked):
            return RedirectResponse(f"/bay/{quote(asked)}", status_code=303)
        rows = reader.at_the_bay(OFFERED)
    shown = [summary(row, words) | {"action": action_of(row)} for row in rows]
    values = {"rows": shown, "unknown": asked or None, "told_at": utc_text(utc_now())}
    return page(request, "bay.html", values, section="bay", twin="/api/panels")


@router.get("/bay-worker.js")
def worker() -> FileResponse:
    """The script that keeps the bay's pages on the tablet; above them, where it may."""
    return FileResponse(WORKER, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/bay/{code:path}")
def show(request: Request, code: str, store: StoreDep) -> HTMLResponse:
    """What the newest inspection of a panel asks for: where, what, and how much clearcoat is left."""
    words = Wording(language_of(request))
    with store.reader() as reader:
        panel = reader.panel(code)
        row = reader.inspection(panel["history"][-1]["id"]) if panel else None
        if row is None:
            raise HTTPException(404)
        values = {
            "view": _view(reader, with_links(row), words),
            "clocks": clocks(reader.working(code), row, words),
            "compared": _compared(reader, row, words),
            "told_at": utc_text(utc_now()),
        }
    return page(request, "bay_panel.html", values, section="bay", twin=f"/api/inspections/{row['id']}")


def _view(reader: Reader, row: dict[str, Any], words: Wording) -> dict[str, Any]:
    now = as_it_stands(reader, row)
    step = now["next_step"]
    done = {tick["place"]: tick["done"] for tick in reader.ticks(row["id"])}
    # Who overrode the step said what is to be done; its places are worked on where work is still asked for.
    action = step["action"] if row["ruling"] is None else action_of(row)
    at_the_bay = action in {str(one) for one in AT_THE_BAY}
    asked = [task | {"done": done.get(task["place"], False)} for task in tasks(step, words)][:MOST_ACTIONS]
    asked = asked if at_the_bay else []
    frame = stage_of(row)
    # The marks that are to be worked on, and no others.
    places = {task["place"] for task in asked} | set(step["places"])
    shown = [mark for mark in present(row["marks"]) if mark["id"] in places]
    return summary(row, words) | {
        "verdict": now["verdict"],
        "action": action,
        "at_the_bay": at_the_bay,
        "reasons": reasons(step, words),
        "tasks": asked,
        "film": film_bars(now["film"], words),
        "stage": frame,
        "marks": marks(shown, frame, row["maps"], words, kind=None, tone=None),
        "number": {task["place"]: count for count, task in enumerate(asked, 1)},
    }


def _compared(reader: Reader, row: dict[str, Any], words: Wording) -> dict[str, Any] | None:
    """The pass before under this one; None where there is none."""
    if row["previous_id"] is None:
        return None
    return compared(pair_of(reader, row["panel"], row["previous_id"], row["id"]), words)
