"""``/inspections/{id}/frames``: what the camera took, frame by frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from inspection.frames import Role
from station.store.reader import Reader
from station.web.deps import StoreDep
from station.web.passes import summary
from station.web.rendering import language_of, page
from station.web.wording import Wording

router = APIRouter()


@router.get("/inspections/{inspection_id:int}/frames")
def show(request: Request, inspection_id: int, store: StoreDep) -> HTMLResponse:
    """The page; of a part that is larger than the field, view by view."""
    words = Wording(language_of(request))
    with store.reader() as reader:
        row = reader.inspection(inspection_id)
        if row is None:
            raise HTTPException(404)
        views = row["views"] or [{"view": None, "capture_sha256": row["capture_sha256"]}]
        shown = [_view(reader, view, words) for view in views]
    values = {"view": summary(row, words), "views": shown}
    twin = f"/api/captures/{views[0]['capture_sha256']}"
    return page(request, "frames.html", values, section="inspections", twin=twin)


def _view(reader: Reader, view: Mapping[str, Any], words: Wording) -> dict[str, Any]:
    sha256 = view["capture_sha256"]
    capture = reader.capture(sha256)
    assert capture is not None
    retired = capture["frames_retired_at"]
    return {
        "name": view["view"],
        "retired": None if retired is None else words.day(retired),
        "frames": [] if retired else [_frame(sha256, n, one, words) for n, one in enumerate(capture["frames"])],
    }


def _frame(sha256: str, position: int, frame: Mapping[str, Any], words: Wording) -> dict[str, Any]:
    role = words.word("frame", str(frame["role"]))
    if frame["role"] == Role.FRINGE:
        role = words.word("frame", "fringe of series") % {
            "axis": frame["axis"], "period": words.number(frame["period_mm"]), "step": words.number(frame["step"] + 1),
        }  # fmt: skip
    address = f"/api/captures/{sha256}/frames/{position}"
    return {
        "name": role,
        "exposure": f"{words.number(frame['exposure_ms'], 2)} ms",
        "file": frame["file"],
        "png": f"{address}.png?v={frame['blob_sha256']}",
        "tif": f"{address}.tif?v={frame['blob_sha256']}",
    }
