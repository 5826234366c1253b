"""From the parameters of an address to a query: what a page's form sends, and what a link brings along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from inspection.refused import Refused

Query = TypeVar("Query")


def filters_in(kind: type[Any], parameters: Mapping[str, str]) -> dict[str, str]:
    """The filters of a query in an address; a form sends every field, the empty ones too."""
    names = {field.name for field in fields(kind)}
    return {name: value.strip() for name, value in parameters.items() if name in names and value.strip()}


def query_of(kind: type[Query], asked: Mapping[str, Any]) -> Query:
    """The query that these filters make.

    Raises
    ------
    Refused
        One of them cannot be; it is named.
    """
    try:
        return cast(Query, _adapter(cast(Any, kind)).validate_python(dict(asked)))
    except ValidationError as error:
        first = error.errors()[0]
        raise Refused(f"{first['loc'][0]}: {first['msg']}") from error


@cache  # making one takes milliseconds
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
