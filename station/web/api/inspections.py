"""Inspections: the list, one with everything it rests on, its report and its picture."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from station.store.corrected import corrected
from station.store.db import InspectionQuery
from station.store.reader import Reader
from station.web.deps import TABLES, Format, StoreDep, answers, content_response, found, list_response

router = APIRouter(tags=["inspections"])

InspectionId = Annotated[int, Path(ge=1, le=2**53)]
Version = Annotated[
    str | None, Query(description="hash of the content: lets it be kept for ever", min_length=8, max_length=64)
]


@router.get("/inspections", summary="Inspections, the newest first", responses=TABLES)
def inspections(
    request: Request, store: StoreDep, query: Annotated[InspectionQuery, Depends()], format: Format | None = None
) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.inspections(query), format)


@router.get("/inspections/{inspection_id}", summary="One inspection: report, maps, attempts, earlier passes")
def inspection(inspection_id: InspectionId, store: StoreDep) -> Response:
    """``corrected``: verdict and next step with what people said since; null where nobody said anything."""
    with store.reader() as reader:
        row = found(reader.inspection(inspection_id), f"inspection {inspection_id}")
        return JSONResponse(with_links(row) | {"corrected": corrected(reader, row)})


@router.get("/inspections/{inspection_id}/report.json", summary="The report, paint-report/1, byte for byte as stored")
def report(inspection_id: InspectionId, store: StoreDep) -> Response:
    with store.reader() as reader:
        return Response(known_report(reader, inspection_id), media_type="application/json")


@router.get(
    "/inspections/{inspection_id}/picture.png",
    summary="The panel as a person sees it (sRGB)",
    response_class=Response,
    responses=answers("image/png"),
)
def picture(request: Request, inspection_id: InspectionId, store: StoreDep, v: Version = None) -> Response:
    with store.reader() as reader:
        sha256 = reader.picture_sha256(inspection_id)
        if sha256 is None:
            raise HTTPException(404, f"inspection {inspection_id} has no picture")
        return content_response(request, sha256, "image/png", v, lambda: reader.blob(sha256))


def known_report(reader: Reader, inspection_id: int) -> str:
    """The report of an inspection as it is stored, or 404: what is asked of an inspection is asked of one there is."""
    text = reader.report_text(inspection_id)
    if text is None:
        raise HTTPException(404, f"inspection {inspection_id} does not exist")
    return text


def with_links(row: dict[str, Any]) -> dict[str, Any]:
    """An inspection with the addresses of its picture and maps; each names its content."""
    base = f"/api/inspections/{row['id']}"
    picture = None if row["picture_sha256"] is None else f"{base}/picture.png?v={row['picture_sha256'][:16]}"
    maps = [
        one
        | {
            "href": f"{base}/maps/{one['name']}",
            "png": f"{base}/maps/{one['name']}.png?v={one['sha256'][:16]}",
            "npy": f"{base}/maps/{one['name']}.npy?v={one['sha256'][:16]}",
        }
        for one in row["maps"]
    ]
    return row | {"picture": picture, "maps": maps}
