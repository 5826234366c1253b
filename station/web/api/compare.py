"""Two inspections of a panel side by side, and how the earlier one lies on the later one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse
from starlette.responses import Response

from inspection.refused import Refused
from station.store.db import Reader
from station.web.api.inspections import with_links
from station.web.deps import StoreDep
from station.web.overlaying import Matrix, earlier_to_later

router = APIRouter(tags=["panels"])

OneOfTwo = Annotated[int, Query(ge=1, le=2**53, description="an inspection of the panel")]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two inspections of one panel; `left_to_right` takes places (x, y, 1) in mm from one to the other."""

    left: dict[str, Any]
    right: dict[str, Any]
    left_to_right: Matrix | None


def pair_of(reader: Reader, code: str, left: int, right: int) -> Pair:
    """Two inspections of a panel, or 404; the left one is the earlier.

    Raises
    ------
    Refused
        One of them is of another panel, or the left one is the later.
    """
    rows = [reader.inspection(one) for one in (left, right)]
    if rows[0] is None or rows[1] is None:
        raise HTTPException(404, f"inspection {left if rows[0] is None else right} does not exist")
    for name, row in (("left", rows[0]), ("right", rows[1])):
        if row["panel"] != code:
            raise Refused(f'{name}: inspection {row["id"]} is not of panel "{code}"')
    if order_of_work(rows[0]) > order_of_work(rows[1]):
        raise Refused(f"left: expected the earlier inspection, {left} is later than {right}: ask the other way round")
    return Pair(with_links(rows[0]), with_links(rows[1]), earlier_to_later(reader, left, rows[1]))


def order_of_work(row: Mapping[str, Any]) -> tuple[int, int, int]:
    """Sorts the inspections of a panel as they were made: coat, pass, attempt."""
    return row["coat_number"], row["pass_number"], row["attempt"]


@router.get("/panels/{code:path}/compare", summary="Two inspections of a panel, and how they lie upon each other")
def compare(code: str, left: OneOfTwo, right: OneOfTwo, store: StoreDep) -> Response:
    with store.reader() as reader:
        pair = pair_of(reader, code, left, right)
    placed = None if pair.left_to_right is None else pair.left_to_right.tolist()
    return JSONResponse({"left": pair.left, "right": pair.right, "left_to_right_mm": placed})
