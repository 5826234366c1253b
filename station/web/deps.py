"""What endpoints are given: the store and the line, and answers made from lists and stored content."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, cast

from fastapi import Depends, HTTPException, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query as QueryParameter
from fastapi.responses import JSONResponse
from pydantic import AfterValidator

from inspection.refused import Refused
from station.events import utc_text
from station.exchange.csv import csv_of
from station.exchange.parquet import PARQUET, parquet_of
from station.exchange.xlsx import XLSX, xlsx_of
from station.line import Line
from station.line.runner import Runner
from station.store.db import Page, Store
from station.store.queries import Instant

CSV = "text/csv"


class Format(StrEnum):
    """How a table is sent, where the address says it; without it as the client's ``Accept`` does."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


#: Answer (409) to what only a station with hardware of its own can do.
NO_CAMERA = "this station takes no pictures of its own: describe camera and screen as [capture] in station.toml"


def _of_a_calendar(moment: datetime) -> datetime:
    try:
        utc_text(moment)
    except OverflowError:
        raise ValueError("a time that no calendar holds in UTC") from None
    return moment


#: A time with its offset that has a place in UTC.
Moment = Annotated[Instant, AfterValidator(_of_a_calendar)]


def _store(request: Request) -> Store:
    return cast(Store, request.app.state.store)


def _line(request: Request) -> Line:
    return cast(Line, request.app.state.line)


def _own_runner(request: Request) -> Runner | None:
    return cast(Runner | None, request.app.state.runner)


StoreDep = Annotated[Store, Depends(_store)]
LineDep = Annotated[Line, Depends(_line)]
#: What takes this station's pictures; None where it takes none of its own.
OwnRunnerDep = Annotated[Runner | None, Depends(_own_runner)]


def only_known_parameters(request: Request) -> None:
    """Refuse a query parameter that the endpoint does not document, or that is given twice.

    A misspelt filter that were ignored would answer another question than the one asked.
    """
    fields = get_flat_params(request.scope["route"].dependant)
    known = [field.alias for field in fields if isinstance(field.field_info, QueryParameter)]
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if name not in known:
            raise Refused(f"{name}: unknown query parameter; known: {', '.join(known) if known else 'none'}")
        if names.count(name) > 1:
            raise Refused(f"{name}: given twice")


def found(row: dict[str, Any] | None, what: str) -> dict[str, Any]:
    """The row, or 404."""
    if row is None:
        raise HTTPException(404, f"{what} does not exist")
    return row


#: For the ``responses`` of an endpoint whose table is had as a file too.
TABLES: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in (CSV, XLSX, PARQUET)}}}


def list_response(request: Request, page: Page, form: Format | None = None) -> Response:
    """A page of a list as JSON, or as CSV where the client asks for it; ``Link`` leads to the next page.

    Parameters
    ----------
    form : Format, optional
        The address asks for a file of this form.
    """
    headers = {"Vary": "Accept", "Cache-Control": "no-store"}
    if page.next_cursor is not None:
        address = request.url.include_query_params(cursor=page.next_cursor)
        headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
    if form in (Format.XLSX, Format.PARQUET):
        headers["Content-Disposition"] = f'attachment; filename="{request.url.path.rpartition("/")[2]}.{form}"'
        return Response(_file(page, form), media_type=XLSX if form is Format.XLSX else PARQUET, headers=headers)
    if form is Format.CSV or (form is None and wants_csv(request)):
        return Response(
            csv_of(page.items, page.columns), media_type=f"{CSV}; charset=utf-8; header=present", headers=headers
        )
    return JSONResponse({"items": page.items, "next_cursor": page.next_cursor}, headers=headers)


def _file(page: Page, form: Format) -> bytes:
    if form is Format.XLSX:
        return xlsx_of(page.items, page.columns)
    try:
        return parquet_of(page.items, page.columns)
    except ModuleNotFoundError:
        raise HTTPException(501, "tables as Parquet need pyarrow: install paint-station[parquet]") from None


def wants_csv(request: Request) -> bool:
    """Whether the client prefers CSV: it names it, and does not name JSON before it."""
    kinds = [part.split(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")]
    named = [kind for kind in kinds if kind in (CSV, "application/json")]
    return bool(named) and named[0] == CSV


def answers(media_type: str) -> Any:
    """For the ``responses`` of an endpoint with ``response_class=Response``: what it answers with instead of JSON."""
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


def content_response(
    request: Request, tag: str, media_type: str, version: str | None, make: Callable[[], bytes]
) -> Response:
    """Stored content with its tag, or 304 where the client has it already.

    Parameters
    ----------
    tag : str
        Identifies the content: its hash, and what it was rendered with.
    version : str or None
        The hash as the client gave it in the address. An address that names the content may be kept
        for ever; one that does not is asked again each time, because a new database counts from 1 again.
    make : callable
        Makes the content when it is needed.
    """
    named = version is not None and tag.startswith(version)
    headers = {
        "ETag": f'"{tag}"',
        "Cache-Control": "private, max-age=31536000, immutable" if named else "private, no-cache",
    }
    given = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in given:
        return Response(status_code=304, headers=headers)
    return Response(make(), media_type=media_type, headers=headers)
