"""The languages of the pages: catalogues compiled in memory at start, and the choice for a request."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

#: Cookie that remembers the choice, for a year.
COOKIE = "language"
COOKIE_AGE_S = 365 * 24 * 3600

_CATALOGUES = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages.

    Attributes
    ----------
    code : str
        As in recipe titles, the cookie and the address of the switch: ``zh`` or ``en``.
    tag : str
        BCP 47, for ``<html lang>`` and the browser's own number formats.
    name : str
        In the language itself, as the switch shows it.
    locale : babel.Locale
        Number and date formats.
    catalogue : str
        Folder under ``locale/``.
    """

    code: str
    tag: str
    name: str
    locale: Locale
    catalogue: str


CHINESE = Language("zh", "zh-CN", "简体中文", Locale("zh", "CN", script="Hans"), "zh_CN")
ENGLISH = Language("en", "en", "English", Locale("en", "GB"), "en")
LANGUAGES = MappingProxyType({language.code: language for language in (CHINESE, ENGLISH)})


def catalogue(language: Language) -> Catalog:
    """Read the catalogue of a language from its ``.po`` file.

    Raises
    ------
    babel.messages.pofile.PoFileError
        The file is not valid gettext.
    """
    with (_CATALOGUES / language.catalogue / "messages.po").open("rb") as file:
        return read_po(file, locale=language.catalogue, abort_invalid=True)


@cache
def translations(language: Language) -> Translations:
    """Compile the catalogue of a language; each is compiled once."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


def choose(cookie: str | None, accept_language: str | None) -> Language:
    """The language of a request: the remembered choice, else the browser's, else Chinese.

    Parameters
    ----------
    cookie : str or None
        Value of the language cookie; an unknown one is ignored.
    accept_language : str or None
        The header as sent, such as ``en-GB,en;q=0.9,zh;q=0.5`` (RFC 9110, 12.5.4).
    """
    if cookie is not None and cookie in LANGUAGES:
        return LANGUAGES[cookie]
    wanted = [_weighted(part) for part in (accept_language or "").split(",")]
    for _, tag in sorted((pair for pair in wanted if pair[0] > 0), key=lambda pair: -pair[0]):
        primary = tag.split("-")[0]
        if primary in LANGUAGES:
            return LANGUAGES[primary]
    return CHINESE


def _weighted(part: str) -> tuple[float, str]:
    tag, _, quality = part.partition(";q=")
    try:
        weight = float(quality) if quality else 1.0
    except ValueError:
        weight = 0.0
    return weight, tag.strip().lower()
