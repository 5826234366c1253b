"""People by pseudonym, and the audit: who changed what."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from station.access.rights import Right
from station.access.terms import Terms
from station.access.visitor import Visitor
from station.store.db import AuditQuery, Reader
from station.web.deps import StoreDep, list_response
from station.web.needs import VisitorDep, needs

router = APIRouter(tags=["people"])


def names_for(reader: Reader, visitor: Visitor, terms: Terms) -> dict[str, str]:
    """Names by pseudonym, for who the plant's rules show them to; for anybody else none."""
    return reader.names(terms) if visitor.role in terms.names_shown_to else {}


@router.get("/people", summary="Accounts by pseudonym", dependencies=[needs(Right.AUDIT)])
def people(request: Request, store: StoreDep, visitor: VisitorDep) -> Response:
    """``name``: null where it is not known, forgotten, or not for the eyes of who asks."""
    with store.reader() as reader:
        names = names_for(reader, visitor, cast(Terms, request.app.state.terms))
        rows: list[dict[str, Any]] = [row | {"name": names.get(row["pseudonym"])} for row in reader.people()]
    return JSONResponse({"items": rows}, headers={"Cache-Control": "no-store"})


@router.get("/audit", summary="Who changed what, the newest first", dependencies=[needs(Right.AUDIT)])
def audit(request: Request, store: StoreDep, query: Annotated[AuditQuery, Depends()]) -> Response:
    """Each entry is bound to the one before by its hash; `paint-station check` follows the chain."""
    with store.reader() as reader:
        return list_response(request, reader.audit(query))
