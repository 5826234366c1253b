"""Maps of an inspection: as numbers, as a picture in false colours, and one value at a place."""

from __future__ import annotations

from typing import Annotated, Any, cast

import numpy as np
from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from inspection.refused import Refused
from station.capture_set import encode_png, picture_of
from station.faults import Retired
from station.store.db import Reader
from station.store.picture import LONGEST_SIDE_PX, shrunk
from station.web.api.inspections import InspectionId, Version
from station.web.deps import StoreDep, answers, content_response
from station.web.scales import colours_of, false_colours

router = APIRouter(prefix="/inspections/{inspection_id}/maps", tags=["maps"])

Name = Annotated[str, Path(max_length=100)]
Bound = Annotated[
    float | None,
    Query(allow_inf_nan=False, ge=-1e12, le=1e12, description="in the unit of the map; default: its own range"),
]
Millimetres = Annotated[float, Query(allow_inf_nan=False, ge=-1e6, le=1e6)]


@router.get(
    "/{name}.png",
    summary="False colours from low to high; not measured is transparent",
    response_class=Response,
    responses=answers("image/png"),
)
def map_png(request: Request, inspection_id: InspectionId, name: Name, store: StoreDep, low: Bound = None,
            high: Bound = None, v: Version = None) -> Response:  # fmt: skip
    with store.reader() as reader:
        row = kept_map(_map_of(reader, inspection_id, name), inspection_id)
        low_used, high_used = _range(row, low, high)
        tag = f"{row['sha256']}-{low_used}-{high_used}"

        def render() -> bytes:
            values = shrunk(np.asarray(reader.blob_array(row["sha256"])), LONGEST_SIDE_PX)
            if values.ndim == 3:
                return encode_png(picture_of(values))
            return encode_png(false_colours(values, low_used, high_used, colours_of(name)))

        return content_response(request, tag, "image/png", v, render)


@router.get(
    "/{name}.npy",
    summary="The map at camera resolution, float32, NaN where not measured (NumPy format)",
    response_class=Response,
    responses=answers("application/octet-stream"),
)
def map_npy(request: Request, inspection_id: InspectionId, name: Name, store: StoreDep, v: Version = None) -> Response:
    with store.reader() as reader:
        sha256 = kept_map(_map_of(reader, inspection_id, name), inspection_id)["sha256"]
        return content_response(request, sha256, "application/octet-stream", v, lambda: reader.blob(sha256))


@router.get("/{name}", summary="Unit, range of the colours, size and scale of a map")
def map_description(inspection_id: InspectionId, name: Name, store: StoreDep, low: Bound = None,
                    high: Bound = None) -> Response:  # fmt: skip
    with store.reader() as reader:
        row = _map_of(reader, inspection_id, name)
        place = cast(dict[str, Any], reader.placing(inspection_id))
        row["low"], row["high"] = _range(row, low, high)
        return JSONResponse(row | place | {"mm_per_px": mm_per_px(place["pixel_to_panel_mm"], row)})


@router.get("/{name}/at", summary="The value at a place on the panel (mm from its top-left corner)")
def value_at(
    inspection_id: InspectionId, name: Name, x_mm: Millimetres, y_mm: Millimetres, store: StoreDep
) -> Response:
    with store.reader() as reader:
        row = kept_map(_map_of(reader, inspection_id, name), inspection_id)
        place = cast(dict[str, Any], reader.placing(inspection_id))
        pixel = np.linalg.solve(np.asarray(place["pixel_to_panel_mm"]), (x_mm, y_mm, 1.0))
        value: float | list[float] | None = None
        inside = False
        if pixel[2] != 0:
            column, line = (int(np.clip(np.rint(p / pixel[2]), -1, 1e6)) for p in pixel[:2])
            inside = 0 <= line < row["rows_px"] and 0 <= column < row["columns_px"]
            if inside:
                seen = np.asarray(reader.blob_array(row["sha256"])[line, column])
                value = seen.tolist() if np.isfinite(seen).all() else None
        return JSONResponse(
            {"name": name, "unit": row["unit"], "x_mm": x_mm, "y_mm": y_mm, "inside": inside, "value": value}
        )


def kept_map(row: dict[str, Any], inspection_id: int) -> dict[str, Any]:
    """The map, where its content is still kept.

    Raises
    ------
    Retired
        The maps of this inspection were deleted when their term was over.
    """
    if row["retired_at"] is not None:
        raise Retired(
            f"the maps of inspection {inspection_id} were deleted on {row['retired_at'][:10]} ({row['retired_by']}); "
            "its numbers, report and picture are kept",
            "maps_retired", inspection=inspection_id, day=row["retired_at"][:10],
        )  # fmt: skip
    return row


def mm_per_px(pixel_to_panel_mm: list[list[float]], row: dict[str, Any]) -> float:
    """Size of a pixel on the panel at the middle of the map: root of the area it covers."""
    to_panel = np.asarray(pixel_to_panel_mm)
    middle = np.array([(row["columns_px"] - 1) / 2, (row["rows_px"] - 1) / 2, 1.0])
    steps = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    corners = [to_panel @ (middle + step) for step in (np.zeros(3), *steps)]
    origin, right, down = (corner[:2] / corner[2] for corner in corners)
    (ax, ay), (bx, by) = right - origin, down - origin
    return float(np.sqrt(abs(ax * by - ay * bx)))


def _map_of(reader: Reader, inspection_id: int, name: str) -> dict[str, Any]:
    maps = {row["name"]: row for row in reader.maps(inspection_id)}
    if name not in maps:
        raise HTTPException(404, f'inspection {inspection_id} has no map "{name}"; it has: {", ".join(maps) or "none"}')
    return maps[name]


def _range(row: dict[str, Any], low: float | None, high: float | None) -> tuple[float | None, float | None]:
    used = (row["low"] if low is None else low, row["high"] if high is None else high)
    if (low is not None or high is not None) and None not in used and not used[0] < used[1]:
        raise Refused(f"low: expected less than high, got {used[0]:g} and {used[1]:g}")
    return used
