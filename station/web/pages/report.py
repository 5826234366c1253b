"""``/inspections/{id}/report.pdf`` and ``/panels/{code}/booklet.pdf``: the reports on paper."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request, Response

from inspection.refused import Refused
from station.exchange.pdf import Pdf
from station.web.api.inspections import InspectionId
from station.web.deps import StoreDep
from station.web.languages import LANGUAGES, Language
from station.web.printing import inspection_report, panel_booklet
from station.web.rendering import language_of

router = APIRouter()

Asked = Annotated[str | None, Query(alias="language", max_length=20)]


@router.get("/inspections/{inspection_id}/report.pdf")
def report(request: Request, inspection_id: InspectionId, store: StoreDep, language: Asked = None) -> Response:
    """One sheet, in the language of the pages or the one asked for."""
    chosen = _language(request, language)
    with store.reader() as reader:
        return _answer(inspection_report(reader, inspection_id, chosen, _base(request)), f"inspection-{inspection_id}")


@router.get("/panels/{code:path}/booklet.pdf")
def booklet(request: Request, code: str, store: StoreDep, language: Asked = None) -> Response:
    """An overview and a sheet for each inspection of a panel."""
    chosen = _language(request, language)
    with store.reader() as reader:
        return _answer(panel_booklet(reader, code, chosen, _base(request)), f"booklet-{code}")


def _language(request: Request, asked: str | None) -> Language:
    if asked is None:
        return language_of(request)
    if asked not in LANGUAGES:
        raise Refused(f"language: expected {' or '.join(LANGUAGES)}, got {asked!r}")
    return LANGUAGES[asked]


def _base(request: Request) -> str:
    """Where whoever asks finds the pages: the code on the sheet leads there."""
    return str(request.base_url).rstrip("/")


def _answer(made: Pdf | None, name: str) -> Response:
    if made is None:
        raise HTTPException(404)
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}.pdf",
        # The same address answers in two languages and after every word of a person anew.
        "Cache-Control": "no-store",
        "Vary": "Accept-Language, Cookie",
    }
    return Response(made.data, media_type="application/pdf", headers=headers)
