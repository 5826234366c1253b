"""Codes, numbers and times in the words of one language. No sentence is built from pieces."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from inspection.defects.kinds import ABOUT, Kind
from inspection.maps.texture import BAND_NAMES
from inspection.passes.reasons import GATE
from station.web.languages import Language, translations

#: Reasons whose sentence depends on how many there are, and the value that counts.
_COUNTED = {
    "checks_fail": "count", "checks_hold": "count", "passes_left": "left", "marks_left": "count",
    "caused_by_pass": "count",
}  # fmt: skip
_NUMBER_IN_NAME = re.compile(r"_(\d+(?:\.\d+)?)(mm|deg)")
_NUMBER_NAMES = {"mm": "period_mm", "deg": "azimuth_deg"}
#: Values of a gate's sentence that are times, and those that are said as they are.
_MOMENTS = frozenset({"at", "until"})
_ROUND_NUMBERS = frozenset({"limit", "period", "standard", "range"})
_KINDS = frozenset(map(str, Kind))
#: A pure number prints no unit.
_UNITLESS = "1"
_WHOLE = "whole"


def decimals_for(u: float | None, value: float) -> int:
    """Digits after the point: the uncertainty's first digit, or two where that is 1 or 2.

    Without an uncertainty the value gets three significant digits. Never negative.
    """
    step = u if u is not None and u > 0 else abs(value) / 100
    if step == 0 or not math.isfinite(step):
        return 2
    exponent = math.floor(math.log10(step))
    leading = step / 10**exponent
    return max(0, -exponent + (1 if u is not None and u > 0 and leading < 2.95 else 0))


@dataclass(frozen=True, slots=True)
class Wording:
    """Everything a page says that is not written in its template."""

    language: Language

    def word(self, context: str, code: str) -> str:
        """The word for a code: ``word("action", "release")``."""
        return str(translations(self.language).pgettext(context, code))

    def number(self, value: float, decimals: int | None = None) -> str:
        """A number with grouping and a fixed count of decimals; without one, as many as it needs (at most four)."""
        pattern = "#,##0.####" if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
        return str(format_decimal(value, format=pattern, locale=self.language.locale))

    def measured(self, value: float, u: float | None) -> str:
        """A measured value, rounded where its uncertainty begins."""
        return self.number(value, decimals_for(u, value))

    def measured_by(self, measure: str, value: float, u: float | None) -> str:
        """A measured value of a measure; what is counted has no decimals."""
        return self.number(value, 0) if measure.endswith("_count") else self.measured(value, u)

    def share(self, ratio: float) -> str:
        """A ratio in percent; never rounded up to 100 %."""
        cut = math.floor(ratio * 1000) / 1000 if 0.99 < ratio < 1 else ratio
        pattern = "#,##0.#%" if cut > 0.99 or cut < 0.01 else "#,##0%"
        return str(format_percent(cut, format=pattern, locale=self.language.locale))

    def unit(self, unit: str) -> str:
        """The printed unit; empty for a pure number."""
        return "" if unit == _UNITLESS else self.word("unit", unit)

    def kind(self, kind: str) -> str:
        """The plain name of a kind of mark; of all of them together where it is ``any``."""
        return ABOUT[Kind(kind)].names[self.language.code] if kind in _KINDS else self.word("kind", kind)

    def measure(self, measure: str) -> str:
        """A measure's plain name."""
        return self.word("measure", measure)

    def finding(self, measure: str, knobs: Mapping[str, float | str]) -> str:
        """A measure's plain name with its knobs, such as a wavelength band."""
        if not knobs:
            return self.measure(measure)
        shown = {name: self.kind(knob) if isinstance(knob, str) else self.number(knob) for name, knob in knobs.items()}
        # A count from 0 mm on is one of marks of any size.
        sized = knobs.get("min_length_mm") != 0
        told = self.word("measure with knobs" if sized else "measure of any size", measure) % shown
        edges = (knobs.get("band_from_mm"), knobs.get("band_to_mm"))
        band = next((name for known, name in BAND_NAMES.items() if known == edges), None)
        return told if band is None else self.word("wave band", "equivalent") % {"finding": told, "band": band}

    def map_name(self, name: str) -> str:
        """A map's plain name; the fringe period or lamp's azimuth in it becomes a number of the language."""
        found = _NUMBER_IN_NAME.search(name)
        if found is None:
            return self.word("map", name)
        return self.word("map", name.replace(found[0], "")) % {_NUMBER_NAMES[found[2]]: self.number(float(found[1]))}

    def reason(self, code: str, values: Mapping[str, Any], text: str) -> str:
        """One reason of the next step as a sentence.

        Parameters
        ----------
        code : str
            As in ``next_step.reason_codes`` of a report.
        values : mapping
            Numbers, measure ids, units and quality flags of that reason.
        text : str
            The report's own English sentence: what is left where another version of the program wrote a
            code that has no words here.
        """
        if code == GATE:
            return self.gate_says(values, text)
        shown = {name: self._reason_value(name, value) for name, value in values.items()}
        if code in _COUNTED:
            count = int(values[_COUNTED[code]])
            return str(translations(self.language).npgettext("reason", code, code, count)) % shown
        if code == "check_holds" and values.get("quality"):
            return self.word("reason", "check_holds_because") % shown
        if code in ("check_fails", "last_pass_asks", "last_pass_near") and values["unit"] == _UNITLESS:
            return self.word("reason", f"{code}_count") % (shown | {"value": self.number(values["value"])})
        sentence = self.word("reason", code)
        return text if sentence == code else sentence % shown

    def fault(self, code: str | None, values: Mapping[str, float | str], text: str) -> str:
        """What went wrong as a sentence; `text`, the station's own English one, where the code has no words.

        What a driver or the library said in its own words is quoted.
        """
        sentence = self.word("fault", code or "")
        if sentence == (code or ""):
            return text
        shown = {name: v if isinstance(v, str) else self.number(v, self._decimals(v)) for name, v in values.items()}
        return sentence % ({"said": text} | shown)

    @staticmethod
    def _decimals(value: float) -> int | None:
        return 1 if value % 1 else None

    def gate_says(self, values: Mapping[str, Any], text: str) -> str:
        """What a gate found, or tells though it is content; `text` where another version of the program found what
        has no words."""
        context, found = ("gate fault", values["fault"]) if values["fault"] else ("gate told", values["told"])
        code = f"{values['gate']} {found}"
        sentence = self.word(context, code)
        return text if sentence == code else sentence % {name: self._said(name, v) for name, v in values.items()}

    def _said(self, name: str, value: float | str) -> str:
        """A value that a gate's sentence names."""
        if isinstance(value, str):
            return self.moment(value) if name in _MOMENTS else value
        return self.number(value) if name in _ROUND_NUMBERS else self.measured(value, None)

    def moment(self, iso: str | None) -> str:
        """Date and time of day as the clock on the station's wall showed it."""
        if iso is None:
            return self.word("time", "unknown")
        pattern = self.word("time", "date and time pattern")
        return str(format_datetime(datetime.fromisoformat(iso), pattern, locale=self.language.locale))

    def clock(self, iso: str | None) -> str:
        """Time of day only."""
        return "" if iso is None else format_datetime(datetime.fromisoformat(iso), "HH:mm", locale=self.language.locale)

    def day(self, iso: str | None) -> str:
        """Date only."""
        if iso is None:
            return self.word("time", "unknown")
        return str(format_date(datetime.fromisoformat(iso), "medium", locale=self.language.locale))

    def _reason_value(self, name: str, value: Any) -> str:
        if name == "measure":
            return self.measure(value)
        if name == "quality":
            return self.word("quality", value) if value else ""
        if name == "unit":
            return self.unit(value)
        if name in {"ratio", "probability"}:
            return self.share(value)
        if name == "kind":
            return self.kind(value)
        if name == "kinds":
            return self.word("place", "list pause").join(self.kind(kind) for kind in value.split(", "))
        if isinstance(value, str):
            return self.word("place", "whole") if value == _WHOLE else value
        if name in {"count", "left", "limit", "pass"}:
            return self.number(value, None if isinstance(value, int) or name == "limit" else 1)
        return self.number(value, 1) if name in {"low", "removed"} else self.measured(value, None)
