"""Do two neighbouring panels look alike? Two inspections, measure by measure."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse
from starlette.responses import Response

from inspection.harmony import Harmony, harmony, parse_side
from station.store.db import Reader
from station.web.deps import StoreDep

router = APIRouter(tags=["inspections"])

OneOfTwo = Annotated[int, Query(ge=1, le=2**53, description="an inspection; the two are of different panels")]


def harmony_of(reader: Reader, first: int, second: int) -> tuple[Harmony, list[dict[str, Any]]]:
    """Two inspections compared, and their rows; 404 where one does not exist.

    Raises
    ------
    Refused
        Both are of one panel.
    """
    rows = [reader.inspection(one) for one in (first, second)]
    sides = []
    for number, row in zip((first, second), rows, strict=True):
        if row is None:
            raise HTTPException(404, f"inspection {number} does not exist")
        sides.append(parse_side(json.dumps(row["report"]), f"inspection {number}"))
    return harmony(*sides), [row for row in rows if row is not None]


@router.get("/harmony", summary="Two neighbouring panels: differences in uncertainties and in just noticeable steps")
def compare(first: OneOfTwo, second: OneOfTwo, store: StoreDep) -> Response:
    with store.reader() as reader:
        found, _ = harmony_of(reader, first, second)
    return JSONResponse(found.as_dict() | {"inspections": {"first": first, "second": second}})
