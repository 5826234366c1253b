"""Drafts of recipes: proposed by one person, and a version of the recipe once another one has approved."""

from __future__ import annotations

from typing import Any

from inspection.recipe import Recipe
from inspection.refused import Refused
from station.events import utc_text
from station.store.rows import Row, recipe_row
from station.store.versions import Versions
from station.store.writer import Writer

#: So many of the newest inspections are judged with a recipe on trial.
MOST_JUDGED = 500
DRAFT_COLUMNS = (
    "id", "name", "sha256", "base_sha256", "text", "who", "why", "made_at", "approved_by", "approved_at",
    "rejected_by", "rejected_at", "rejected_why",
)  # fmt: skip
_DRAFTS = f"""SELECT {", ".join(f"d.{name}" for name in DRAFT_COLUMNS[:8])}, a.who AS approved_by,
    a.made_at AS approved_at, x.who AS rejected_by, x.made_at AS rejected_at, x.why AS rejected_why
    FROM recipe_draft d LEFT JOIN recipe_approval a ON a.draft_id = d.id
    LEFT JOIN recipe_rejection x ON x.draft_id = d.id"""


class Drafted(Versions):
    """What is known about drafts, and what a draft is tried on."""

    def drafts(self, name: str | None = None) -> list[Row]:
        """Drafts of a recipe, or of all, the newest first; keys `DRAFT_COLUMNS`, the last five None while open."""
        return self._rows(f"{_DRAFTS} WHERE ?1 IS NULL OR d.name = ?1 ORDER BY d.id DESC", name)

    def draft(self, draft_id: int) -> Row | None:
        """One draft."""
        found = self._rows(f"{_DRAFTS} WHERE d.id = ?", draft_id)
        return found[0] if found else None

    def judged_with(self, name: str) -> list[Row]:
        """The newest measurement of each panel and pass judged by a recipe, the newest first, with ``findings``.

        At most `MOST_JUDGED`.
        """
        rows = self._rows(
            """SELECT i.id, p.code AS panel, i.pass_number, i.verdict, i.view, i.plan_sha256, i.recipe_sha256,
            json_extract(i.report, '$.gates') AS gates
            FROM inspection i JOIN panel p ON p.id = i.panel_id JOIN recipe r ON r.sha256 = i.recipe_sha256
            WHERE r.name = ? AND i.attempt = (SELECT max(l.attempt) FROM inspection l WHERE l.panel_id = i.panel_id
                AND l.coat_number = i.coat_number AND l.pass_number = i.pass_number)
            ORDER BY i.id DESC LIMIT ?""",
            name,
            MOST_JUDGED,
        )
        for row in rows:
            row["findings"] = self._rows(
                """SELECT measure, version, region, knobs, value, u, n_px, quality, verdict FROM finding
                WHERE inspection_id = ? ORDER BY position""",
                row["id"],
            )
        return rows


class Drafts(Writer):
    """Keeps drafts and approvals; both are only ever added to."""

    def add_draft(self, recipe: Recipe, *, who: str, why: str) -> int:
        """Keep a draft, which the line does not use yet. Returns its id.

        Raises
        ------
        Refused
            This very text is a version already.
        """
        with self._transaction():
            self._refuse_known(recipe)
            row = {"name": recipe.name, "sha256": recipe.sha256, "base_sha256": self._newest(recipe.name),
                   "text": recipe.text, "who": who, "why": why, "made_at": utc_text(self._clock())}  # fmt: skip
            return self._insert("recipe_draft", row)

    def approve_draft(self, draft: Row, recipe: Recipe, *, who: str) -> str:
        """Make a draft the newest version of its recipe. Returns its hash.

        Parameters
        ----------
        draft : dict
            As `Drafted.draft` gives it; `recipe` is its text, read.

        Raises
        ------
        Refused
            The one who proposed it, or it is approved already, or another version has come meanwhile.
        """
        if who.casefold() == draft["who"].casefold():
            raise Refused(f"who: {who} proposed this draft; a second person approves it")
        now = self._clock()
        with self._transaction():
            self._refuse_rejected(draft)
            self._refuse_known(recipe)
            if self._newest(recipe.name) != draft["base_sha256"]:
                raise Refused("draft: another version was approved meanwhile: propose it anew from that one")
            approval: dict[str, Any] = {"draft_id": draft["id"], "who": who, "made_at": utc_text(now)}
            self._insert("recipe_approval", approval)
            self._insert("recipe", recipe_row(recipe, now, draft["who"], draft["why"]))
        return recipe.sha256

    def reject_draft(self, draft: Row, *, who: str, why: str) -> None:
        """Put a draft aside: it can be approved no more. Whoever proposed it may take it back so.

        Raises
        ------
        Refused
            It is approved already, or put aside.
        """
        with self._transaction():
            self._refuse_rejected(draft)
            if self._exists("SELECT 1 FROM recipe_approval WHERE draft_id = ?", draft["id"]):
                raise Refused("draft: it is approved already: propose another version")
            self._insert(
                "recipe_rejection",
                {"draft_id": draft["id"], "who": who, "why": why, "made_at": utc_text(self._clock())},
            )

    def _refuse_rejected(self, draft: Row) -> None:
        if self._exists("SELECT 1 FROM recipe_rejection WHERE draft_id = ?", draft["id"]):
            raise Refused("draft: it was rejected: propose it anew")

    def _refuse_known(self, recipe: Recipe) -> None:
        if self._exists("SELECT 1 FROM recipe WHERE sha256 = ?", recipe.sha256):
            raise Refused(f"text: this version of {recipe.name} is stored already ({recipe.sha256[:12]})")

    def _newest(self, name: str) -> str | None:
        sql = "SELECT sha256 FROM recipe WHERE name = ? ORDER BY id DESC LIMIT 1"
        found = self._database.execute(sql, (name,)).fetchone()
        return None if found is None else str(found[0])
