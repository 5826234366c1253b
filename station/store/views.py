"""Saved views: addresses of lists and charts that people named to find them again."""

from __future__ import annotations

from inspection.refused import Refused
from station.events import utc_text
from station.store.originals import Originals
from station.store.rows import Row
from station.store.writer import Writer


class SavedViews(Originals):
    """What is known about them."""

    def saved_views(self) -> list[Row]:
        """Those that are not taken away, by name: ``name``, ``address``, ``who``, ``made_at``."""
        return self._rows(
            """SELECT name, address, who, made_at FROM saved_view WHERE id IN (
                SELECT max(id) FROM saved_view GROUP BY name) AND address IS NOT NULL ORDER BY name"""
        )

    def saved_view(self, name: str) -> Row | None:
        """One of them."""
        return next((row for row in self.saved_views() if row["name"] == name), None)


class Views(Writer):
    """Keeps them; the last word about a name holds."""

    def save_view(self, name: str, address: str, *, who: str) -> None:
        """Keep an address under a name that is free, or one's own.

        Raises
        ------
        Refused
            Another person has a view of this name.
        """
        self._say(name, address, who, taken=f'name: "{name}" is the view of {{owner}}: expected another name')

    def take_view_away(self, name: str, *, who: str) -> None:
        """Take one's own view away.

        Raises
        ------
        Refused
            It is another person's, or there is none.
        """
        self._say(name, None, who, taken=f'name: "{name}" is the view of {{owner}}: only {{owner}} takes it away')

    def _say(self, name: str, address: str | None, who: str, *, taken: str) -> None:
        with self._transaction():
            rows = self._database.execute(
                "SELECT address, who FROM saved_view WHERE name = ? ORDER BY id DESC LIMIT 1", (name,)
            ).fetchall()
            there = [owner for kept, owner in rows if kept is not None]
            if address is None and not there:
                raise Refused(f'name: there is no view "{name}"')
            if there and there[0] != who:
                raise Refused(taken.format(owner=there[0]))
            self._insert(
                "saved_view", {"name": name, "address": address, "who": who, "made_at": utc_text(self._clock())}
            )
