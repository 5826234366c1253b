"""``/``: the latest inspections, filtered by what stands in the address."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from inspection.verdict import Verdict
from station.store.queries import InspectionQuery
from station.web.deps import StoreDep
from station.web.filters import filters_in, query_of
from station.web.keeping import warnings_in_words
from station.web.passes import summary
from station.web.rendering import language_of, page
from station.web.tabs import exports, tabs
from station.web.wording import Wording

router = APIRouter()

_PAGE_SIZE = 20
#: Other filters come along from a chart, and stay while these are changed.
_IN_THE_FORM = frozenset({"text", "recipe", "verdict", "pass_number"})


@router.get("/")
def show(
    request: Request, store: StoreDep, compare: Annotated[int | None, Query(ge=1, le=2**53)] = None
) -> HTMLResponse:
    """The list; a filter that cannot be is refused. With ``compare`` another is chosen to be laid beside that one."""
    asked = filters_in(InspectionQuery, request.query_params)
    query = query_of(InspectionQuery, {"limit": _PAGE_SIZE} | asked)
    with store.reader() as reader:
        found = reader.inspections(query)
        recipes = reader.recipes()
        saved_views = reader.saved_views()
    words = Wording(language_of(request))
    warnings = warnings_in_words(store.warnings(), words)
    filters = {name: value for name, value in asked.items() if name not in {"cursor", "limit"}}
    numbers = set(range(max((recipe["passes"] for recipe in recipes), default=0) + 1)) | {query.pass_number}
    twin = f"/api/inspections?{urlencode({'limit': _PAGE_SIZE} | asked)}"
    going = {} if compare is None else {"compare": str(compare)}
    values = {
        "compare": compare,
        "warnings": warnings,
        "rows": [summary(item, words) for item in found.items],
        "query": query,
        "filtered": bool(filters),
        "recipes": recipes,
        "verdicts": [str(verdict) for verdict in Verdict],
        "pass_numbers": sorted(number for number in numbers if number is not None),
        "older": f"/?{urlencode(asked | going | {'cursor': found.next_cursor})}" if found.next_cursor else None,
        "newest": f"/?{urlencode(filters | going)}",
        "tabs": tabs(words, {}),
        "tab": "",
        "saved_views": saved_views,
        "kept": [(name, value) for name, value in (filters | going).items() if name not in _IN_THE_FORM],
        "exports": exports(twin),
        "origin": str(request.base_url).rstrip("/"),
    }
    return page(request, "inspections.html", values, section="inspections", twin=twin)
