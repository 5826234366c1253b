"""How long maps and frames are kept. Numbers, reports, pictures of panels, rigs and recipes are kept for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from inspection.verdict import Verdict
from station.events import utc_text

#: What a policy cannot name: a calendar ends somewhere.
LONGEST_DAYS = 100 * 366.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Terms in days, counted from the moment of storing, and the room that stays free.

    Attributes
    ----------
    maps_days : float
        Maps of every inspection.
    frames_days : float
        Frames of captures that passed.
    frames_failed_days : float
        Frames of captures that failed or are on hold.
    reference_days : float
        Maps and frames of reference panels: those named here, and those that a recipe was learned from; frames of
        daily checks.
    reference_panels : tuple of str
        Panel codes.
    keep_free_bytes : int
        Nothing is stored that would leave less on the disk than this.
    """

    maps_days: float = 90.0
    frames_days: float = 30.0
    frames_failed_days: float = 365.0
    reference_days: float = 3660.0
    reference_panels: tuple[str, ...] = ()
    keep_free_bytes: int = 10**9

    def maps_term(self, *, reference: bool) -> Term:
        """How long maps are kept."""
        own = Term("maps_days", self.maps_days)
        return max(own, self.reference_term) if reference else own

    def frames_term(self, verdict: str, *, reference: bool) -> Term:
        """How long the frames of an inspection with this verdict are kept."""
        passed = verdict == Verdict.PASS
        own = Term("frames_days", self.frames_days) if passed else Term("frames_failed_days", self.frames_failed_days)
        return max(own, self.reference_term) if reference else own

    @property
    def reference_term(self) -> Term:
        """How long frames of reference panels and of daily checks are kept."""
        return Term("reference_days", self.reference_days)


@dataclass(frozen=True, slots=True)
class Term:
    """A setting and its days; ordered by length."""

    setting: str
    days: float

    def __lt__(self, other: Term) -> bool:
        return self.days < other.days

    def __str__(self) -> str:
        return f"{self.setting} = {self.days:g}"

    def until(self, stored_at: datetime) -> str:
        """The moment until which what was stored then is kept, as sortable text."""
        return utc_text(stored_at + timedelta(days=self.days))


def due(promised: str | None, term: Term, stored_at: str) -> str:
    """The moment until which something is kept: what was said when it was stored, or today's term if that is longer.

    Parameters
    ----------
    promised : str or None
        As it was stated with the inspection; None for one that an older program stored.
    stored_at : str
        Sortable text.
    """
    today = term.until(datetime.fromisoformat(stored_at))
    return today if promised is None else max(promised, today)


def stated(policy: Policy, verdict: str, panel: str, now: datetime) -> dict[str, str]:
    """What a new inspection says about how long its maps and frames are kept: columns of its row."""
    reference = panel in policy.reference_panels
    return {
        "maps_until": policy.maps_term(reference=reference).until(now),
        "frames_until": policy.frames_term(verdict, reference=reference).until(now),
    }
