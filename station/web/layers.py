"""The maps of an inspection as switchable layers over the panel's picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from station.web.scales import colours_of, scale_of
from station.web.wording import Wording, decimals_for

#: Maps that people at the station work with, in the order of the buttons. The others are in the data.
SHOWN = (
    "gloss_gu", "gloss_zone_gu", "clarity_*mm_pct", "lobe_width_mrad", "haze_pct", "height_um", "slope_x_mrad",
    "slope_y_mrad", "lamp_*deg_ratio", "hologram_ratio", "delta_e00",
)  # fmt: skip
#: The fringe period or the lamp's azimuth in a map's name.
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?=mm|deg)")

PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Layer:
    """One button: the picture alone (no `image`), or a map with its scale."""

    name: str
    label: str
    caption: str
    unit: str
    image: str | None
    at: str
    stops: tuple[tuple[float, str], ...]
    marks: tuple[str, ...]


def layers(maps: Sequence[Mapping[str, Any]], words: Wording) -> list[Layer]:
    """The picture, then every shown map that is kept and has values somewhere; `maps` with their addresses."""
    picture = Layer(PICTURE, words.word("map", PICTURE), words.word("map caption", PICTURE), "", None, "", (), ())
    kept = [row for row in maps if row["retired_at"] is None]
    usable = [row for row in kept if row["channels"] == 1 and row["low"] is not None and _kind(row["name"]) in SHOWN]
    usable.sort(key=lambda row: (SHOWN.index(_kind(row["name"])), _number(row["name"])))
    return [picture, *(_layer(row, words) for row in usable)]


def _kind(name: str) -> str:
    return _NUMBER.sub("*", name, count=1)


def _number(name: str) -> float:
    found = _NUMBER.search(name)
    return float(found[0]) if found else 0.0


def _layer(row: Mapping[str, Any], words: Wording) -> Layer:
    low, high = scale_of(row["name"], row["low"], row["high"])
    decimals = decimals_for(None, high - low)
    unit = words.unit(row["unit"])
    return Layer(
        name=row["name"],
        label=words.map_name(row["name"]),
        caption=words.word("map caption", _kind(row["name"])),
        unit=row["unit"],
        image=f"{row['png']}&{urlencode({'low': low, 'high': high})}",
        at=f"{row['href']}/at",
        stops=_stops(row["name"]),
        marks=tuple(
            words.word("scale", "last mark" if part == 4 else "mark")
            % {"value": words.number(low + (high - low) * part / 4, decimals), "unit": unit}
            for part in range(5)
        ),
    )


def _stops(name: str) -> tuple[tuple[float, str], ...]:
    """The map's colours at every sixteenth of its scale: the eye sees no step between them."""
    table = colours_of(name)
    places = [(part * 6.25, table[round(part / 16 * (len(table) - 1))]) for part in range(17)]
    return tuple((place, f"#{r:02x}{g:02x}{b:02x}") for place, (r, g, b) in places)
