"""An HTML document as PDF for archive and print: fonts embedded, tagged, and nothing fetched from anywhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock, get_ident
from typing import Any, Final

from station.faults import Busy, StationFault

#: Printing is work for Python, which the line needs too: one document at a time, few that wait, and more are turned
#: away at once, so that no crowd of prints takes the threads that answer requests.
_AT_WORK = Lock()
_WAITING = BoundedSemaphore(3)
_FONTS_MISSING: Final = (
    "no report can be printed: this machine has no font for {!r}: install one (Debian: apt-get install fonts-noto-cjk)"
)
_PANGO_MISSING: Final = (
    "no report can be printed: the text library Pango is missing (Debian: apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0 libharfbuzz-subset0): {}"
)
#: WeasyPrint warns so of every letter that no font of the machine has.
_NO_GLYPH: Final = ".notdef glyph rendered"
#: A report without its Chinese is none; a rare sign in a name that somebody gave is printed as a box.
_FIRST_IDEOGRAPH: Final = "\u4e00"
_LAST_IDEOGRAPH: Final = "\u9fff"


@dataclass(frozen=True, slots=True)
class Pdf:
    """A finished document."""

    data: bytes
    pages: int


def pdf_of(versions: Iterator[str], expected_pages: int) -> Pdf:
    """The first version of a document that needs no more pages than expected; else the last one, as long as it is.

    Parameters
    ----------
    versions : iterator of str
        HTML documents, the fullest first; images as ``data:`` addresses. A version is made when it is needed.

    Raises
    ------
    Busy
        Others are printed, and as many wait as may.
    StationFault
        Pango or a font for the text is missing.
    """
    if not _WAITING.acquire(blocking=False):
        raise Busy("other reports are being printed: try again in a moment", "printing")
    try:
        with _AT_WORK:
            return _printed(versions, expected_pages)
    finally:
        _WAITING.release()


def _printed(versions: Iterator[str], expected_pages: int) -> Pdf:
    make, fetcher = _weasyprint()
    with _heard() as said:
        for version in versions:
            document = make(string=version, url_fetcher=fetcher).render()
            if len(document.pages) <= expected_pages:
                break
        data: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"paint-station", dpi=200)
    missing = [letter for sentence in said for letter in sentence if _FIRST_IDEOGRAPH <= letter <= _LAST_IDEOGRAPH]
    if missing:
        raise StationFault(_FONTS_MISSING.format(missing[0]), "no_font", letter=missing[0])
    return Pdf(data, len(document.pages))


def _weasyprint() -> tuple[Callable[..., Any], object]:
    """WeasyPrint's document, and what fetches for it: loaded when the first report is printed."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise StationFault(_PANGO_MISSING.format(error), "no_pango") from error
    return HTML, URLFetcher(allowed_protocols=("data",))


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What WeasyPrint says meanwhile about letters that it has no font for."""
    said: list[str] = []
    mine = get_ident()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == mine and _NO_GLYPH in record.getMessage():
                said.append(record.getMessage())

    ear = Ear(logging.WARNING)
    logger = logging.getLogger("weasyprint")
    logger.addHandler(ear)
    try:
        yield said
    finally:
        logger.removeHandler(ear)
