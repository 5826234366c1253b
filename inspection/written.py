"""What people write in TOML: read strictly, and refused with the line and the field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from inspection.refused import Refused

Form = TypeVar("Form", bound=BaseModel)
#: Makes the refusal of a field, by its place in the tree and what was expected.
Refuse = Callable[[tuple[str | int, ...], str], Refused]


def written(text: str, source: str, form: type[Form]) -> tuple[Form, Refuse]:
    """Read a text as a form, and say how to refuse what the form does not see.

    Parameters
    ----------
    source : str
        Name for the error messages.

    Raises
    ------
    Refused
        ``source:line: field: what was expected``.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        at = line.group(1) if line else str(len(text.splitlines()))
        raise Refused(f"{source}:{at}: not valid TOML: {error}") from None
    except RecursionError:
        raise Refused(f"{source}:1: not valid TOML: nested too deeply") from None

    def refuse(place: tuple[str | int, ...], what: str) -> Refused:
        name = ".".join(str(part) for part in place)
        return Refused(f"{source}:{_line_of(text, place)}: {name}: {what}")

    try:
        return form.model_validate(tree), refuse
    except ValidationError as error:
        first = error.errors()[0]
        raise refuse(tuple(first["loc"]), _plain(first)) from None


def _plain(error: Any) -> str:
    """A pydantic error in plain words."""
    kind, value = error["type"], error.get("input")
    if kind == "extra_forbidden":
        return "unknown key"
    if kind == "missing":
        return "is missing"
    return f"{error['msg'][0].lower()}{error['msg'][1:]}, got {value!r}"


def _line_of(text: str, place: tuple[str | int, ...]) -> int:
    """Line where a field stands, or where its table begins; 1 where the file does not have it.

    TOML's parser of the standard library keeps no places, so the headers and keys are read again.
    """
    table = [str(part) for part in place[:1]]
    number = place[1] if len(place) > 1 and isinstance(place[1], int) else None
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    current, count, best = "", -1, 1
    for n, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?", line)
        if header:
            count = count + 1 if header.group(1) == current else 0
            current = header.group(1)
            if [current] == table and number in (None, count):
                best = n
        elif re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            here = [current] if current else []
            if (here == table and number in (None, count)) or (not here and table == [key]):
                return n
        elif not current and table and re.match(rf"\s*\"?{re.escape(table[0])}\"?\s*=", line):
            best = n
    return best
