"""From a template and plain values to a page in the language of the request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from station.faults import NotNow, StationFault
from station.web.door import visitor_of
from station.web.languages import COOKIE, LANGUAGES, Language, choose, translations
from station.web.themes import THEMES, theme_of
from station.web.wording import Wording

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def templates(language: Language) -> Environment:
    """The templates of a language; a name that a template misspells is an error, not an empty place."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        language=language, words=Wording(language), languages=tuple(LANGUAGES.values()), themes=THEMES
    )
    environment.globals["themes"] = THEMES
    return environment


def language_of(request: Request) -> Language:
    """The language this request is answered in."""
    return choose(request.cookies.get(COOKIE), request.headers.get("accept-language"))


def page(
    request: Request,
    template: str,
    values: Mapping[str, Any],
    *,
    section: str = "",
    twin: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Render a page.

    Parameters
    ----------
    section : str
        The entry of the main menu that is shown as the present one.
    twin : str or None
        Address of the same data as JSON.
    """
    query = request.url.query
    text = (
        templates(language_of(request))
        .get_template(template)
        .render(
            values,
            section=section,
            twin=twin,
            here=request.url.path + (f"?{query}" if query else ""),
            visitor=visitor_of(request),
            theme=theme_of(request),
        )
    )
    # The same address answers in two languages and changes with every inspection: nobody may keep it.
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(text, status_code=status, headers=headers)


def fault_words(request: Request, fault: StationFault | NotNow) -> str:
    """What went wrong, in the language of the request."""
    return Wording(language_of(request)).fault(fault.code, fault.values, str(fault))


def problem_page(request: Request, status: int) -> HTMLResponse:
    """A page that says what went wrong, in words chosen by the status, and where to go on."""
    words = Wording(language_of(request))
    code = {403: "not allowed", 404: "not found", 422: "not understood"}.get(status, "fault")
    values = {"heading": words.word("problem", code), "advice": words.word("problem advice", code)}
    return page(request, "problem.html", values, status=status)
