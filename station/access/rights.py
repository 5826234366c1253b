"""What each role may do: the one table of it. An endpoint that writes names the right that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What somebody is at the station."""

    INSPECTOR = "inspector"
    WORKER = "worker"
    ENGINEER = "engineer"
    LABORATORY = "laboratory"
    TECHNICIAN = "technician"
    VIEWER = "viewer"


class Right(StrEnum):
    """What somebody may do."""

    #: See pages and read numbers.
    READ = "read"
    #: Start, stop and send measurements of panels.
    MEASURE = "measure"
    #: Say what a mark is, or that one was missed.
    JUDGE = "judge"
    #: Give readings of a film gauge.
    GAUGE = "gauge"
    #: Start and stop the time of hand work.
    WORK = "work"
    #: Say which panel gets which colour and passes.
    ORDER = "order"
    #: Write versions of recipes.
    RECIPE = "recipe"
    #: Calibrate, check and set up the station.
    CALIBRATE = "calibrate"
    #: Read who changed what, and the list of people.
    AUDIT = "audit"


#: Role → rights. Nobody's rights hold another's by accident: each cell is written out.
MAY: Final[Mapping[Role, frozenset[Right]]] = MappingProxyType({
    Role.INSPECTOR: frozenset({Right.READ, Right.MEASURE, Right.JUDGE, Right.GAUGE, Right.WORK}),
    Role.WORKER: frozenset({Right.READ, Right.GAUGE, Right.WORK}),
    Role.ENGINEER: frozenset({
        Right.READ, Right.MEASURE, Right.JUDGE, Right.GAUGE, Right.WORK, Right.ORDER, Right.RECIPE, Right.AUDIT,
    }),
    Role.LABORATORY: frozenset({Right.READ, Right.MEASURE, Right.GAUGE, Right.RECIPE}),
    Role.TECHNICIAN: frozenset({Right.READ, Right.MEASURE, Right.GAUGE, Right.CALIBRATE}),
    Role.VIEWER: frozenset({Right.READ}),
})  # fmt: skip
