"""``/audit``: who changed what, for who has to answer for it."""

from __future__ import annotations

from typing import Annotated, Any, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from station.access.rights import Right
from station.access.terms import Terms
from station.store.db import AuditQuery
from station.web.api.people import names_for
from station.web.deps import StoreDep
from station.web.needs import VisitorDep, needs
from station.web.rendering import language_of, page
from station.web.wording import Wording

router = APIRouter()

_PAGE_SIZE = 50


@router.get("/audit", dependencies=[needs(Right.AUDIT)])
def show(
    request: Request,
    store: StoreDep,
    visitor: VisitorDep,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> HTMLResponse:
    """The newest changes first."""
    with store.reader() as reader:
        found = reader.audit(AuditQuery(limit=_PAGE_SIZE, cursor=cursor))
        names = names_for(reader, visitor, cast(Terms, request.app.state.terms))
    words = Wording(language_of(request))
    values = {
        "rows": [_shown(row, names, words) for row in found.items],
        "older": f"/audit?{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else None,
        "newest": "/audit" if cursor is not None else None,
    }
    asked = {"limit": _PAGE_SIZE} | ({} if cursor is None else {"cursor": cursor})
    return page(request, "audit.html", values, section="about", twin=f"/api/audit?{urlencode(asked)}")


def _shown(row: dict[str, Any], names: dict[str, str], words: Wording) -> dict[str, Any]:
    who = row["who"]
    return {
        "at": row["at"],
        "when": words.moment(row["at"]),
        "who": words.word("audit who", who),
        "name": names.get(who),
        "what": words.word("audit change", row["what"]),
        "of": words.word("audit table", row["of_table"]),
        "row": row["of_row"][:12],
    }
