"""What people said about marks: the list, and the labels that a training run reads."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from station.store.db import CorrectionQuery
from station.web.deps import StoreDep, answers, list_response

router = APIRouter(tags=["corrections"])


@router.get("/corrections", summary="Other kinds, false alarms, missed marks and notes, the newest first")
def corrections(request: Request, store: StoreDep, query: Annotated[CorrectionQuery, Depends()]) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.corrections(query))


@router.get(
    "/labels",
    summary="The last word about each corrected mark, with its data (JSON Lines)",
    response_class=Response,
    responses=answers("application/jsonl"),
)
def labels(store: StoreDep) -> Response:
    """For training: nobody is named."""
    with store.reader() as reader:
        lines = [json.dumps(row, ensure_ascii=False, allow_nan=False) for row in reader.labels()]
    text = "".join(f"{line}\n" for line in lines)
    return Response(text, media_type="application/jsonl", headers={"Cache-Control": "no-store"})
