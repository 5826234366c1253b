"""The form of a section in `station.toml`: strictly typed, and an unknown key is refused."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Form(BaseModel):
    """A section or a table of the settings."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


#: TOML has lists where a form has tuples.
UNSTRICT = Field(strict=False)
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]
Length = Annotated[float, Field(gt=0, le=1e5)]
Milliseconds = Annotated[float, Field(ge=1e-3, le=60_000)]
Pixels = Annotated[int, Field(ge=16, le=32768)]


def one_of(form: type[Form], package: str, path: Iterable[str]) -> Any:
    """The type of a setting that may be any driver's form in a package, told apart by its `kind`.

    Every module is imported; an ImportError stops the program.
    """
    for module in pkgutil.iter_modules(path):
        importlib.import_module(f"{package}.{module.name}")
    found = sorted(form.__subclasses__(), key=lambda one: one.__name__)
    return Annotated[reduce(or_, found), Field(discriminator="kind")]
