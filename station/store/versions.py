"""Versions of a recipe: who made each, when and why, and what it changed."""

from __future__ import annotations

from dataclasses import asdict

from inspection.recipe import Recipe, parse_recipe
from inspection.refused import Refused
from inspection.revision import changes
from station.store.rows import Row
from station.store.spreads import Spreads

VERSION_COLUMNS = ("sha256", "stored_at", "who", "why", "approved_by", "changes")


class Versions(Spreads):
    """What is known about the versions of recipes."""

    def versions(self, name: str) -> list[Row]:
        """Versions of a recipe, the newest first.

        Returns
        -------
        list of dict
            Keys `VERSION_COLUMNS`. `who` and `why` are None where nobody said. `changes` against the version before
            (see `inspection.revision`): None for the first, and where this program cannot read one of the two texts.
        """
        rows = self._rows(
            """SELECT r.sha256, r.stored_at, r.who, r.why, a.who AS approved_by, r.text FROM recipe r
            LEFT JOIN recipe_approval a ON a.draft_id = (SELECT max(d.id) FROM recipe_draft d
                JOIN recipe_approval e ON e.draft_id = d.id WHERE d.sha256 = r.sha256)
            WHERE r.name = ? ORDER BY r.id""",
            name,
        )
        told: list[Row] = []
        before: Recipe | None = None
        for row in rows:
            recipe = _read(row.pop("text"), name)
            moved = None if before is None or recipe is None else [asdict(one) for one in changes(before, recipe)]
            told.append(row | {"changes": moved})
            before = recipe
        return told[::-1]


def _read(text: str, name: str) -> Recipe | None:
    """A stored text; None where a program that knew other measures wrote it."""
    try:
        return parse_recipe(text, name)
    except Refused:
        return None
