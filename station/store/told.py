"""What people tell the station, kept beside what was measured: words about marks, film readings, times of work."""

from __future__ import annotations

from inspection.refused import Refused
from station.store.rows import Row
from station.store.rulings import Ruling, ruling_row
from station.store.said import Correction, FilmReading, correction_row, film_row
from station.store.selects import rows_of
from station.store.ticks import Tick, tick_row
from station.store.work import GOING, Begin, Spell, start_row, stop_row, work_row
from station.store.writer import Writer


class Told(Writer):
    """Keeps it; nothing is ever taken back."""

    def add_correction(self, said: Correction) -> int:
        """Keep what a person says about a mark, beside all that was said before. Returns its id.

        Raises
        ------
        Refused
            There is no such inspection, or it has no such mark.
        """
        row = correction_row(said, self._clock())
        with self._transaction():
            if not self._exists("SELECT 1 FROM inspection WHERE id = ?", said.inspection_id):
                raise Refused(f"inspection {said.inspection_id} does not exist")
            mark = (said.inspection_id, said.defect_id)
            known = """SELECT 1 FROM defect WHERE inspection_id = ?1 AND id = ?2 UNION
                SELECT 1 FROM correction WHERE inspection_id = ?1 AND what = 'missed' AND 'M' || id = ?2"""
            if said.defect_id is not None and not self._exists(known, *mark):
                raise Refused(f"inspection {said.inspection_id} has no mark {said.defect_id}")
            return self._insert("correction", row)

    def add_tick(self, tick: Tick) -> bool:
        """Keep that a place of a next step is done, or is not after all. Returns False where it was kept before.

        Raises
        ------
        Refused
            There is no such inspection, or the key was given to another word.
        """
        row = tick_row(tick, self._clock())
        with self._transaction():
            if not self._exists("SELECT 1 FROM inspection WHERE id = ?", tick.inspection_id):
                raise Refused(f"inspection {tick.inspection_id} does not exist")
            if not self._exists("SELECT 1 FROM tick WHERE key = ?", tick.key):
                self._insert("tick", row)
                return True
            same = "SELECT 1 FROM tick WHERE key = ? AND inspection_id = ? AND place = ? AND done = ?"
            if not self._exists(same, tick.key, tick.inspection_id, tick.place, int(tick.done)):
                raise Refused("key: belongs to another word already: expected a new one for each")
        return False

    def add_ruling(self, ruling: Ruling) -> int:
        """Keep that a person confirms a verdict or overrides it. Returns its id.

        Raises
        ------
        Refused
            There is no such inspection, or the ruling overrides it by what was measured.
        """
        with self._transaction():
            sql = "SELECT verdict, action FROM inspection WHERE id = ?"
            found = rows_of(self._database.conn, sql, (ruling.inspection_id,))
            if not found:
                raise Refused(f"inspection {ruling.inspection_id} does not exist")
            if (ruling.verdict, ruling.action) == (found[0]["verdict"], found[0]["action"]):
                raise Refused("verdict, action: expected others than were measured: those can be confirmed")
            return self._insert("ruling", ruling_row(ruling, found[0], self._clock()))

    def add_film_reading(self, panel: str, reading: FilmReading) -> int:
        """Keep a gauge reading of a panel's film. Returns its id.

        Raises
        ------
        Refused
            No inspection of the panel is stored.
        """
        now = self._clock()
        with self._transaction():
            return self._insert("film_reading", film_row(reading, self._known_panel(panel), now))

    def add_work(self, panel: str, spell: Spell) -> int:
        """Keep when somebody worked on a pass of a panel. Returns its id.

        Raises
        ------
        Refused
            No inspection of the panel is stored, or the times cannot be.
        """
        now = self._clock()
        with self._transaction():
            return self._insert("work", work_row(spell, self._known_panel(panel), now))

    def start_work(self, panel: str, begin: Begin) -> str:
        """Keep that work on a pass of a panel starts now. Returns the moment (ISO 8601).

        Raises
        ------
        Refused
            No inspection of the panel is stored, or work on that pass goes on already.
        """
        now = self._clock()
        with self._transaction():
            panel_id = self._known_panel(panel)
            row = start_row(begin, panel_id, self._going(panel_id), now)
            self._insert("work_start", row)
        return str(row["started_at"])

    def stop_work(self, panel: str, coat_number: int, pass_number: int) -> int:
        """Keep that the work on a pass of a panel stops now. Returns the id of the piece of work.

        Raises
        ------
        Refused
            No inspection of the panel is stored, or no work on that pass goes on.
        """
        now = self._clock()
        with self._transaction():
            panel_id = self._known_panel(panel)
            return self._insert("work", stop_row(panel_id, coat_number, pass_number, self._going(panel_id), now))

    def _going(self, panel_id: int) -> list[Row]:
        return rows_of(self._database.conn, GOING, (panel_id,))

    def _known_panel(self, code: str) -> int:
        found = self._database.execute("SELECT id FROM panel WHERE code = ?", (code,)).fetchone()
        if found is None:
            raise Refused(f'panel "{code}" does not exist')
        return int(found[0])
