"""Orders: which panel code is which part in which colour; one by one, or a table as CSV."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from station.access.rights import Right
from station.exchange.orders import orders_of
from station.store.db import Order, OrderQuery
from station.web.api.marks import Who
from station.web.deps import CSV, StoreDep, list_response
from station.web.needs import VisitorDep, needs, signed

router = APIRouter(tags=["orders"])

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]


class Ordered(BaseModel):
    """One panel of an order."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: Text
    order_number: Text
    recipe: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    part: Text | None = None
    coat_number: Annotated[int, Field(ge=1, le=99)] = 1
    who: Who | None = None


@router.get("/orders", summary="Orders, the newest first; of one code the newest holds")
def orders(request: Request, store: StoreDep, query: Annotated[OrderQuery, Depends()]) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.orders(query))


@router.post("/orders", status_code=201, summary="Keep an order of one panel", dependencies=[needs(Right.ORDER)])
def add(ordered: Ordered, store: StoreDep, visitor: VisitorDep) -> Response:
    words = ordered.model_dump()
    who = signed(visitor, words.pop("who"))
    [number] = store.add_orders([Order(**words)], who=who)
    return JSONResponse({"order": number}, 201, headers={"Location": f"/api/orders?code={ordered.code}"})


async def table(request: Request) -> bytes:
    """The body of a request that says it is CSV."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != CSV:
        raise HTTPException(415, f"content-type: expected {CSV}, got {kind or 'none'}")
    return await request.body()


@router.post(
    "/orders/table",
    status_code=201,
    summary="Keep a table of orders (CSV): all rows or none",
    dependencies=[needs(Right.ORDER)],
    openapi_extra={"requestBody": {"required": True, "content": {CSV: {"schema": {"type": "string"}}}}},
)
def add_table(
    content: Annotated[bytes, Depends(table)], store: StoreDep, visitor: VisitorDep, who: Who | None = None
) -> Response:
    """Columns `code`, `order_number`, `recipe`, and where wanted `part` and `coat_number`."""
    numbers = store.add_orders(orders_of(content, "body"), who=signed(visitor, who))
    return JSONResponse({"orders": len(numbers)}, 201, headers={"Location": "/api/orders"})
