"""``/rigs/{sha256}``: the certificate of a calibration, to read and to print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from calibration.certificate import NAMES, certificate
from station.web.deps import StoreDep
from station.web.rendering import language_of, page
from station.web.wording import Wording

router = APIRouter()

#: Printed units; other names have none.
_UNITS = {"pct": "%", "mm": "mm", "px": "px", "deg": "°", "e00": "ΔE00", "mrad": "mrad"}


@router.get("/rigs/{sha256}")
def show(request: Request, sha256: str, store: StoreDep) -> HTMLResponse:
    """The page."""
    with store.reader() as reader:
        rig = reader.rig(sha256)
    if rig is None:
        raise HTTPException(404)
    words = Wording(language_of(request))
    made = certificate(rig["header"], rig["sha256"])
    values = {
        "certificate": made,
        "expired": rig["expired"],
        "rows": [_row(value, words) for value in made["values"]],
        "left_out": words.word("place", "list pause").join((made["colour_chart"] or {}).get("left_out", [])),
    }
    return page(request, "rig.html", values, section="station", twin=f"/api/rigs/{sha256}/certificate")


def _row(value: Mapping[str, Any], words: Wording) -> dict[str, Any]:
    unit = _UNITS.get(value["name"].rpartition("_")[2], "")
    shown = words.measured(value["value"], value["u"])
    return {
        # A name from another version of the program has no words here.
        "label": words.word("calibrated", value["name"]) if value["name"] in NAMES else value["name"],
        "value": f"{shown} {unit}".strip(),
        "u": "–" if value["u"] is None else f"{words.measured(value['u'], value['u'])} {unit}".strip(),
        "limit": "–" if value["limit"] is None else f"{words.number(value['limit'])} {unit}".strip(),
        "measured": value["measured"],
    }
