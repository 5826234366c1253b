"""``/savings``: passes that were not needed, by colour."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from station.store.saved import saved
from station.web.deps import StoreDep
from station.web.rendering import language_of, page
from station.web.wording import Wording

router = APIRouter()


@router.get("/savings")
def show(request: Request, store: StoreDep) -> HTMLResponse:
    """The table."""
    with store.reader() as reader:
        rows = saved(reader)
    words = Wording(language_of(request))
    values = {"rows": [_shown(row, words) for row in rows], "simulated": any(row["simulated"] for row in rows)}
    return page(request, "savings.html", values, section="inspections", twin="/api/savings")


def _shown(row: dict[str, Any], words: Wording) -> dict[str, Any]:
    hours = {
        name: "–" if row[name] is None else words.word("work", "hours") % {"hours": words.number(row[name], 1)}
        for name in ("hours_per_pass", "hours_saved")
    }
    return (
        row
        | hours
        | {
            "title": row["recipe_title"][words.language.code],
            "panels": words.number(row["panels"]),
            "panels_by_word": row["panels_by_word"] and words.number(row["panels_by_word"]),
            "passes_saved": words.number(row["passes_saved"]),
        }
    )
