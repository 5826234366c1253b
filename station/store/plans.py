"""Plans of parts that are larger than the field: every version is kept, the newest of a part holds."""

from __future__ import annotations

from typing import Final

from inspection.plan import Plan, parse_plan
from inspection.refused import Refused
from station.events import utc_text
from station.store.queries import Page, PlanQuery
from station.store.rows import Row
from station.store.selects import Select, page_of
from station.store.versions import Versions
from station.store.writer import Writer

PLANS: Final = Select(
    "v.id, v.part, v.sha256, v.who, v.why, v.stored_at",
    "part_plan v",
    {"part": "v.part = ?"},
    (("v.id", int),),
)


class Planned(Versions):
    """What is known about plans of parts."""

    def plans(self, query: PlanQuery) -> Page:
        """Versions of plans, the newest first."""
        return page_of(self._connection, PLANS, query)

    def plan(self, part: str) -> Row | None:
        """The plan that holds for a part, with its text."""
        found = self._rows(f"SELECT {PLANS.columns}, v.text FROM part_plan v WHERE v.part = ? ORDER BY v.id DESC", part)
        return found[0] if found else None

    def load_plan(self, part: str | None) -> Plan | None:
        """The same, read. None: the part is captured whole."""
        row = None if part is None else self.plan(part)
        return None if row is None else parse_plan(row["text"], f"the plan of {part}")

    def plan_of(self, sha256: str | None) -> Plan | None:
        """The version of a plan by which a part was inspected."""
        rows = self._rows("SELECT part, text FROM part_plan WHERE sha256 = ?", sha256)
        return parse_plan(rows[0]["text"], f"the plan of {rows[0]['part']}") if rows else None

    def field_mm(self, station: str | None) -> list[float] | None:
        """Width and height of what a station sees, as it was calibrated last; None where it never was."""
        rows = self._rows(
            """SELECT json_extract(header, '$.geometry.field_mm') AS field_mm FROM rig WHERE station IS ?
            ORDER BY calibrated_at_utc DESC LIMIT 1""",
            station,
        )
        return rows[0]["field_mm"] if rows else None


class Plans(Writer):
    """Keeps them."""

    def add_plan(self, plan: Plan, *, who: str, why: str) -> str:
        """Keep a version of a plan; it holds for its part from now on. Returns its hash.

        Raises
        ------
        Refused
            This very text is stored already: it would not be the newest.
        """
        with self._transaction():
            if self._exists("SELECT 1 FROM part_plan WHERE sha256 = ?", plan.sha256):
                raise Refused(f"text: this version of the plan of {plan.part} is stored already ({plan.sha256[:12]})")
            self._insert("part_plan", self._plan_row(plan, who, why))
        return plan.sha256

    def _keep_plan(self, plan: Plan) -> None:
        """Inside a transaction: a plan that came with an inspection; one that is there already stays as it is."""
        self._insert("part_plan", self._plan_row(plan, "inspect", "came with an inspection"), ignore=True)

    def _plan_row(self, plan: Plan, who: str, why: str) -> Row:
        return {
            "sha256": plan.sha256, "part": plan.part, "text": plan.text, "who": who, "why": why,
            "stored_at": utc_text(self._clock()),
        }  # fmt: skip
