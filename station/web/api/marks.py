"""Marks of one inspection: with what people said, as cut-outs, and the words that are added to them."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from inspection.defects.kinds import Kind
from inspection.refused import Refused
from inspection.report import Defect, Status
from station.access.rights import Right
from station.capture_set import encode_png
from station.store.db import Correction, Page, Reader, Store, What
from station.web.api.inspections import InspectionId, known_report
from station.web.api.maps import kept_map
from station.web.cutouts import LEAST_PX, best_map, box_of, cut_out, pixels_of, seen
from station.web.deps import StoreDep, answers, content_response, found, list_response
from station.web.needs import VisitorDep, needs, signed

router = APIRouter(prefix="/inspections/{inspection_id}", tags=["defects"])

DefectId = Annotated[str, Path(pattern=r"^[DM][0-9]{1,12}$", description="D… as measured, M… added by a person")]
Who = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Place = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e5, le=1e5)]
#: Keys of a row, in order; a mark that was added by a person has no measured values.
_COLUMNS = (
    "inspection_id", *(field.name for field in fields(Defect)), "present", "corrected_kind", "false_alarm",
    "missed", "corrections", "picture",
)  # fmt: skip


class Said(BaseModel):
    """A word about a mark: another kind, a false alarm, or a note; who (a pseudonym) and why are always given."""

    model_config = ConfigDict(extra="forbid")

    what: What
    kind: Kind | None = None
    who: Who | None = None
    why: Why


class Missed(BaseModel):
    """A mark that the station did not find."""

    model_config = ConfigDict(extra="forbid")

    x_mm: Place
    y_mm: Place
    kind: Kind
    who: Who | None = None
    why: Why


@router.get("/defects", summary="Marks of one inspection, as measured and with what people said")
def defects(
    request: Request,
    inspection_id: InspectionId,
    store: StoreDep,
    kind: Kind | None = None,
    status: Annotated[Status | None, Query(description="what was not found any more: only as `removed`")] = None,
) -> Response:
    """Filters look at the kind that a person named, where one did."""
    with store.reader() as reader:
        known_report(reader, inspection_id)
        rows = [with_picture(row) for row in reader.marks(inspection_id)]
    shown = [
        {name: row[name] for name in _COLUMNS}
        for row in rows
        if (row["present"] if status is None else status == (row["status"] if row["present"] else Status.REMOVED))
        and kind in (None, row["corrected_kind"] or row["kind"])
    ]
    return list_response(request, Page(shown, None, _COLUMNS))


@router.get(
    "/defects/{defect_id}/picture.png",
    summary="A mark and the paint around it",
    response_class=Response,
    responses=answers("image/png"),
)
def picture(
    request: Request,
    inspection_id: InspectionId,
    defect_id: DefectId,
    store: StoreDep,
    name: Annotated[
        str | None, Query(alias="map", max_length=100, description="default: what shows the mark best; lab: its colour")
    ] = None,
    size_px: Annotated[int, Query(ge=LEAST_PX, le=1024)] = 240,
) -> Response:
    with store.reader() as reader:
        mark = _mark(reader, inspection_id, defect_id)
        maps = {row["name"]: row for row in reader.maps(inspection_id)}
        shown = best_map(mark, list(maps.values())) if name is None else name
        if shown is None or shown not in maps:
            raise HTTPException(404, f"inspection {inspection_id} has no map {name or 'that shows this mark'}")
        row = kept_map(maps[shown], inspection_id)
        place = found(reader.placing(inspection_id), f"inspection {inspection_id}")
        box = box_of(mark)
        tag = f"{row['sha256']}-{'_'.join(f'{edge:g}' for edge in box)}-{size_px}"

        def render() -> bytes:
            piece = pixels_of(box, place["pixel_to_panel_mm"], (row["rows_px"], row["columns_px"]))
            return encode_png(cut_out(np.asarray(reader.blob_array(row["sha256"])[piece]), shown, size_px))

        return content_response(request, tag, "image/png", None, render)


@router.post(
    "/defects/{defect_id}/corrections",
    status_code=201,
    summary="Say another kind, a false alarm or a note of a mark",
    dependencies=[needs(Right.JUDGE)],
)
def correct(
    inspection_id: InspectionId, defect_id: DefectId, said: Said, store: StoreDep, visitor: VisitorDep
) -> Response:
    """What was measured stays as it is; of several words the last one counts."""
    if said.what is What.MISSED:
        raise Refused("what: a missed mark is added under /marks")
    if (said.kind is not None) != (said.what is What.KIND):
        raise Refused("kind: expected with what = kind, and only then")
    with store.reader() as reader:
        _mark(reader, inspection_id, defect_id)
    word = Correction(
        inspection_id=inspection_id, defect_id=defect_id, what=said.what, kind=said.kind,
        who=signed(visitor, said.who), why=said.why,
    )  # fmt: skip
    return _kept(store, word, defect_id)


@router.post(
    "/marks",
    status_code=201,
    summary="Add a mark that the station did not find",
    dependencies=[needs(Right.JUDGE)],
)
def add_missed(inspection_id: InspectionId, said: Missed, store: StoreDep, visitor: VisitorDep) -> Response:
    with store.reader() as reader:
        place = found(reader.placing(inspection_id), f"inspection {inspection_id}")
        maps = reader.maps(inspection_id)
    if not all(seen(said.x_mm, said.y_mm, place["pixel_to_panel_mm"], row) for row in maps[:1]):
        raise Refused(f"x_mm, y_mm: expected a place in the picture, got {said.x_mm:g}, {said.y_mm:g}")
    word = Correction(
        inspection_id=inspection_id, defect_id=None, what=What.MISSED, kind=said.kind,
        who=signed(visitor, said.who), why=said.why, x_mm=said.x_mm, y_mm=said.y_mm,
    )  # fmt: skip
    return _kept(store, word, None)


def with_picture(mark: dict[str, Any]) -> dict[str, Any]:
    """A mark with the address of its cut-out."""
    return mark | {"picture": f"/api/inspections/{mark['inspection_id']}/defects/{mark['id']}/picture.png"}


def _mark(reader: Reader, inspection_id: int, defect_id: str) -> dict[str, Any]:
    known_report(reader, inspection_id)
    mark = next((row for row in reader.marks(inspection_id) if row["id"] == defect_id), None)
    return found(mark, f"mark {defect_id} of inspection {inspection_id}")


def _kept(store: Store, word: Correction, defect_id: str | None) -> Response:
    number = store.add_correction(word)
    named = defect_id or f"M{number}"
    with store.reader() as reader:
        mark = with_picture(_mark(reader, word.inspection_id, named))
    answer = {"correction": number, "mark": {name: mark[name] for name in _COLUMNS}}
    return JSONResponse(answer, 201, headers={"Location": f"/api/inspections/{word.inspection_id}/defects"})
