"""How much clearcoat the passes have taken, and what may still go.

Where a gauge was read, what was removed is the difference of two readings, as sure as the gauge makes it: neither the
recipe nor the count of passes draws it anywhere. Between readings passes are counted at the rate that this panel
itself showed. The limit is kept with 99.5 % at each pass, which is stricter than to ask that the lower 95 % bound of
what is left holds the upper 95 % bound of what one more pass takes: with that, one panel in 130 crosses it in the end.
Where the film was not read before the first pass, those two bounds are the rule.

Where no gauge was ever read there is no reading whose lower bound could be asked for: the recipe's default per pass
counts, as its author planned, who sized what may go for so many passes. A pass is allowed while the plan has room for
it, with a warning from 70 % on and the request to measure; a bound on a guess would forbid passes that were planned.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final

from inspection.frames import Gauged
from inspection.recipe import WHOLE, Film
from inspection.report import FilmZone
from inspection.verdict import GUARD_FACTOR

#: One reading, standard uncertainty: eddy-current and ultrasonic gauges are sold with an error limit of about
#: 1 µm + 1 % of the reading, that is ±1.9 µm on 90 µm of film, taken as two standard uncertainties. What part of it
#: is the same in every reading, and gone from a difference, nobody states: none is relied on.
GAUGE_U_UM: Final = 0.7
#: What is known of a pass before this panel showed it: the recipe's default, give or take this share of it (standard
#: deviation). A panel's passes err alike: the share does not shrink with their number.
PASS_SPREAD: Final = 0.5
#: From pass to pass on one panel, share of what they take: hand, pad, place.
WITHIN_SPREAD: Final = 0.2
#: Film as sprayed about what the recipe says, standard deviation, where nobody read it before the first pass.
START_SPREAD_UM: Final = 3.0
#: Where a recipe states no default: a medium polish on a rotary machine takes 2.5 to 3 µm a pass.
PER_PASS_UM: Final = 3.0
#: One more pass is allowed where what it takes is left with this certainty.
SURE_FACTOR: Final = NormalDist().inv_cdf(0.995)
#: Share of the allowance from which a zone warns.
WARN_RATIO: Final = 0.7
#: A reading further than this above what can be there is not believed, standard deviations.
ODD_SIGMA: Final = 4.0

OK, WARN, STOP = "ok", "warn", "stop"
GAUGE, RECIPE = "gauge", "recipe"


@dataclass(frozen=True, slots=True)
class _Belief:
    """What is known of one zone, µm with standard uncertainties.

    `start`: before the first pass; None: neither read nor in the recipe. `u_start`: None where it was not read.
    `rate`: what a pass takes here. `first_read`: passes done at the first reading, None: not read.
    """

    start: float | None
    u_start: float | None
    removed: float
    u_removed: float
    u_film: float
    rate: float
    u_rate: float
    first_read: int | None = None

    @property
    def gauged(self) -> bool:
        return self.u_start is not None

    @property
    def film(self) -> float | None:
        return None if self.start is None else max(0.0, self.start - self.removed)

    @property
    def next_most(self) -> float:
        """What must be left for one more pass.

        What was removed and what a pass takes come from the same readings: their errors add up. Where the first reading
        came after passes, what those took is guessed with a wide margin, and the two bounds of 95 % do.
        """
        if self.u_start is None:
            return self.rate
        if self.first_read != 0:
            pass_u = math.hypot(self.u_rate, WITHIN_SPREAD * self.rate)
            return self.rate + GUARD_FACTOR * (self.u_removed + pass_u)
        return self.rate + SURE_FACTOR * math.hypot(self.u_removed + self.u_rate, WITHIN_SPREAD * self.rate)


def budget(
    film: Film,
    *,
    pass_number: int,
    readings: Mapping[str, float | Gauged],
    earlier: Sequence[FilmZone] = (),
    earlier_pass: int = 0,
) -> tuple[FilmZone, ...]:
    """The film of every zone after a pass.

    Parameters
    ----------
    film : Film
        Of the recipe; without `removable_um` there is no budget: ().
    pass_number : int
        Polishing passes done on this coat.
    readings : mapping of zone to µm
        Gauge readings taken now, as sure as `GAUGE_U_UM` where they do not say; may be empty.
    earlier : sequence of FilmZone
        Of the last report of the same panel and coat, after `earlier_pass`.

    Returns
    -------
    tuple of FilmZone
        By name. Zones that were gauged once stay; without any the whole panel is counted by passes. "warn" where 70 %
        of the allowance is used by plan, or may be by the lower bound of the readings; "stop" where one more pass might
        cross the limit.
    """
    if film.removable_um is None:
        return ()
    per_pass = film.per_pass_um or PER_PASS_UM
    known = {zone.zone: zone for zone in earlier}
    gauged = {name for name, zone in known.items() if zone.source == GAUGE} | set(readings)
    zones = []
    for name in sorted(gauged) or [WHOLE]:
        if name in known:
            belief, done = _remembered(known[name], per_pass), earlier_pass
        else:
            belief, done = _Belief(film.start_um, None, 0.0, 0.0, 0.0, per_pass, PASS_SPREAD * per_pass), 0
        belief = _after(belief, max(0, pass_number - done))
        if name in readings:
            belief = _read(belief, readings[name], pass_number, per_pass)
        zones.append(_zone(name, belief, film.removable_um))
    return tuple(zones)


@dataclass(frozen=True, slots=True)
class FilmSoFar:
    """The film of every zone as it was after a pass; before anything is known: no zones after pass 0."""

    zones: tuple[FilmZone, ...] = ()
    pass_number: int = 0


#: Before the first pass, nothing gauged.
UNTOUCHED: Final = FilmSoFar()


def replayed(
    film: Film, readings: Mapping[int, Mapping[str, float | Gauged]], so_far: FilmSoFar = UNTOUCHED
) -> FilmSoFar:
    """The film after the last pass of which there is a reading, from readings of a coat in the order of work.

    Parameters
    ----------
    readings : mapping of pass number to readings by zone, µm
        0: before the first pass; none of a pass before `so_far`. May be empty.
    so_far : FilmSoFar
        What they are added to.
    """
    for number in sorted(readings):
        zones = budget(
            film,
            pass_number=number,
            readings=readings[number],
            earlier=so_far.zones,
            earlier_pass=so_far.pass_number,
        )
        so_far = FilmSoFar(zones, number)
    return so_far


def allows(zones: Sequence[FilmZone], region: str = WHOLE) -> bool:
    """Whether one more pass may be taken of a region: the whole panel is as thin as its thinnest zone."""
    return all(zone.state != STOP for zone in _about(zones, region))


def left_low_um(zones: Sequence[FilmZone], region: str = WHOLE) -> float | None:
    """What may surely still be taken in a region, µm; None where nothing is known."""
    return min((zone.left_low_um for zone in _about(zones, region)), default=None)


def _about(zones: Sequence[FilmZone], region: str) -> Sequence[FilmZone]:
    """The zones that a region rests on: that of its name and one of the whole panel; every one where there is none."""
    named = [] if region == WHOLE else [zone for zone in zones if zone.zone in (region, WHOLE)]
    return named or zones


def _after(belief: _Belief, passes: int) -> _Belief:
    """Passes nobody measured: the rate's error is the same in each of them, and adds to what it made before."""
    shared, own = passes * belief.u_rate, math.sqrt(passes) * WITHIN_SPREAD * belief.rate
    return replace(
        belief,
        removed=belief.removed + passes * belief.rate,
        u_removed=math.hypot(belief.u_removed + shared, own),
        u_film=math.hypot(belief.u_film + shared, own),
    )


def _read(belief: _Belief, told: float | Gauged, pass_number: int, per_pass: float) -> _Belief:
    reading, u = (told.film_um, told.u_um) if isinstance(told, Gauged) else (told, GAUGE_U_UM)
    if pass_number == 0:
        return replace(belief, start=reading, u_start=u, u_film=u, first_read=0)
    if belief.start is None or belief.u_start is None:
        return _first_read(belief, reading, u, pass_number)
    surprise = reading - (belief.start - belief.removed)
    if surprise > ODD_SIGMA * math.hypot(belief.u_film, u):
        # More film than there can be: a reading of another place. Less is always taken at its word.
        return belief
    removed, u_removed = max(0.0, belief.start - reading), math.hypot(belief.u_start, u)
    rate, u_rate = _rate(removed / pass_number, u_removed / pass_number, per_pass)
    return replace(belief, removed=removed, u_removed=u_removed, u_film=u, rate=rate, u_rate=u_rate)


def _first_read(belief: _Belief, reading: float, u: float, passes: int) -> _Belief:
    """The first reading comes after passes: the recipe's start can show that they took more, never that they took less.

    A thicker coat than the recipe's would else count as nothing removed.
    """
    removed, u_removed = belief.removed, belief.u_removed
    if belief.start is not None:
        removed = max(removed, belief.start - reading)
        u_start = math.hypot(START_SPREAD_UM, u)
        u_removed *= u_start / math.hypot(u_start, u_removed)
    return _Belief(
        start=reading + removed,
        u_start=math.hypot(u, u_removed),
        removed=removed,
        u_removed=u_removed,
        u_film=u,
        rate=max(belief.rate, removed / passes),
        u_rate=u_removed / passes,
        first_read=passes,
    )


def _rate(own: float, u_own: float, per_pass: float) -> tuple[float, float]:
    """What a pass takes here, µm, with its standard uncertainty.

    The panel's own rate, which the recipe's default may raise while few passes show it, but never lowers.
    """
    weight, usual = 1 / u_own**2, 1 / (PASS_SPREAD * per_pass) ** 2
    drawn = (weight * own + usual * per_pass) / (weight + usual)
    return max(own, drawn), 1 / math.sqrt(weight + usual)


def _zone(name: str, belief: _Belief, removable: float) -> FilmZone:
    left = removable - belief.removed
    low = left - GUARD_FACTOR * belief.u_removed
    if belief.film is not None:
        # Never more than there is.
        left, low = min(left, belief.film), min(low, belief.film - GUARD_FACTOR * belief.u_film)
    # Small beside any film, large beside the rounding of a sum of passes.
    rounding = 1e-6
    warns = (low if belief.gauged else left) <= (1 - WARN_RATIO) * removable + rounding
    return FilmZone(
        zone=name,
        source=GAUGE if belief.gauged else RECIPE,
        film_um=belief.film,
        u_um=belief.u_removed if belief.film is None else belief.u_film,
        removed_um=belief.removed,
        left_um=left,
        left_low_um=low,
        state=STOP if left < belief.next_most - rounding else WARN if warns else OK,
        start_um=belief.start,
        u_start_um=belief.u_start,
        u_removed_um=belief.u_removed,
        per_pass_um=belief.rate,
        u_per_pass_um=belief.u_rate,
        first_read_pass=belief.first_read,
    )


def _remembered(zone: FilmZone, per_pass: float) -> _Belief:
    """The belief behind an earlier zone; reports of before it was stated hold no rate: the default, give or take."""
    u_removed = zone.u_removed_um
    if u_removed is None:
        u_removed = max(0.0, zone.left_um - zone.left_low_um) / GUARD_FACTOR
    rate, u_rate = zone.per_pass_um, zone.u_per_pass_um
    if rate is None or u_rate is None:
        rate, u_rate = per_pass, PASS_SPREAD * per_pass
    # Gauged first after a pass, such a report may lack the start's uncertainty: as sure as what was removed.
    u_start = zone.u_start_um
    if u_start is None and zone.source == GAUGE:
        u_start = math.hypot(u_removed, GAUGE_U_UM)
    u_film = u_removed if zone.film_um is None else zone.u_um
    first_read = zone.first_read_pass
    if first_read is None and u_start is not None:
        # Such reports were of gauges of one kind: a wider start was read after passes, how many does not matter.
        first_read = 0 if u_start <= GAUGE_U_UM else 1
    return _Belief(zone.start_um, u_start, zone.removed_um, u_removed, u_film, rate, u_rate, first_read)
