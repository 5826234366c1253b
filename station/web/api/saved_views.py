"""Views of all inspections that people named: an address of a list or a chart, found again by its name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from station.access.rights import Right
from station.store.db import Page
from station.web.api.marks import Who
from station.web.deps import StoreDep, list_response
from station.web.needs import VisitorDep, needs, signed

router = APIRouter(prefix="/saved-views", tags=["quality"])

_COLUMNS = ("name", "address", "who", "made_at")
_NAME = r"^[^\s/](.*[^\s])?$"


class View(BaseModel):
    """An address of this station's own pages, and its name."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=_NAME)]
    #: The list, or a chart, with its filters.
    address: Annotated[str, Field(max_length=1000, pattern=r"^/(quality/[a-z-]+)?(\?[!-~]*)?$")]
    who: Who | None = None


class Owner(BaseModel):
    """Who takes it away; not asked of who has logged in."""

    model_config = ConfigDict(extra="forbid")

    who: Who | None = None


@router.get("", summary="Saved views, by name")
def saved(request: Request, store: StoreDep) -> Response:
    with store.reader() as reader:
        return list_response(request, Page(reader.saved_views(), None, _COLUMNS))


@router.post("", status_code=201, summary="Save a view, or one's own anew", dependencies=[needs(Right.READ)])
def save(view: View, store: StoreDep, visitor: VisitorDep) -> Response:
    store.save_view(view.name, view.address, who=signed(visitor, view.who))
    with store.reader() as reader:
        return JSONResponse(reader.saved_view(view.name), 201)


@router.post("/{name}/removal", summary="Take one's own view away", dependencies=[needs(Right.READ)])
def take_away(
    name: Annotated[str, Path(max_length=60)], owner: Owner, store: StoreDep, visitor: VisitorDep
) -> Response:
    store.take_view_away(name, who=signed(visitor, owner.who))
    return JSONResponse({"name": name})
