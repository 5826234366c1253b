"""The store: one writer behind a lock, a read-only connection for each reader."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from inspection.frames import Frames
from inspection.joining import Part
from inspection.recipe import Recipe
from inspection.refused import Refused
from inspection.report import Report
from inspection.rig import Rig
from station.events import Clock, utc_now
from station.store.blobs import Blobs
from station.store.checks import Checks
from station.store.contents import contents
from station.store.drafts import Drafts
from station.store.migrations import migrations
from station.store.orders import Order, Orders
from station.store.people import People
from station.store.plans import Plans
from station.store.policy import Policy, stated
from station.store.queries import (
    AuditQuery,
    CaptureQuery,
    CheckQuery,
    CorrectionQuery,
    DefectQuery,
    FilmQuery,
    FindingQuery,
    InspectionQuery,
    OrderQuery,
    Page,
    PanelQuery,
    PlanQuery,
    RecipeQuery,
    RigQuery,
    What,
)
from station.store.reader import Reader
from station.store.rows import (
    defect_row,
    finding_row,
    inspection_row,
    map_row,
    panel_code,
    part_of_inspection,
    recipe_row,
)
from station.store.rulings import Rules, Ruling
from station.store.said import Correction, FilmReading
from station.store.space import full_disk_said, refuse_without_room
from station.store.ticks import Tick
from station.store.views import Views
from station.store.work import Begin, Spell

__all__ = [
    "AuditQuery",
    "Begin",
    "CaptureQuery",
    "CheckQuery",
    "Correction",
    "CorrectionQuery",
    "DefectQuery",
    "FilmQuery",
    "FilmReading",
    "FindingQuery",
    "InspectionQuery",
    "Order",
    "OrderQuery",
    "Page",
    "PanelQuery",
    "PlanQuery",
    "Policy",
    "Reader",
    "RecipeQuery",
    "RigQuery",
    "Rules",
    "Ruling",
    "Spell",
    "Store",
    "Tick",
    "What",
]

#: Another process may hold the database this long before a write gives up.
BUSY_TIMEOUT_MS = 10_000


class Store(Checks, People, Orders, Plans, Drafts, Views):
    """Inspections and everything they rest on. Open it once, close it once; see `Store.open`."""

    @classmethod
    def open(cls, path: Path, *, clock: Clock = utc_now, policy: Policy | None = None) -> Store:
        """Open a database file, making it and its folder where absent and bringing it up to date.

        Parameters
        ----------
        path : Path
            The SQLite file; frames and maps lie in ``blobs`` beside it.
        clock : callable
            Says when something was stored.
        policy : Policy, optional
            How long maps and frames are kept, and what room stays free.

        Raises
        ------
        Refused
            The file is something else than a database of this program.
        NoRoom
            The disk is full.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        with full_disk_said():
            try:
                connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
                connection.execute("PRAGMA journal_mode = WAL")
                # FULL: a committed inspection survives a power cut, not only a crash of the program.
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
                # What is forgotten is overwritten, not only left out.
                connection.execute("PRAGMA secure_delete = ON")
                migrations.apply(Database(connection))
            except sqlite3.DatabaseError as error:
                connection.close()
                if isinstance(error, sqlite3.OperationalError):
                    raise
                raise Refused(f"{path}: not a database of paint-station: {error}") from error
            blobs = Blobs(path.parent / "blobs")
        store = cls(path, connection, blobs, clock)
        store.policy = policy if policy is not None else Policy()
        return store

    def close(self) -> None:
        """Close the writer; readers in flight finish on their own connections."""
        with self._lock:
            self._database.close()

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """A reader on a connection of its own that cannot write; use it in the thread that asked for it."""
        connection = sqlite3.connect(f"file:{quote(str(self.path))}?mode=ro", uri=True, isolation_level=None)
        try:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            connection.execute("BEGIN")
            yield Reader(connection, self._blobs, self._clock)
        finally:
            connection.close()

    def put_rig(self, rig: Rig) -> str:
        """Keep a rig; one that is there already stays as it is. Returns its hash."""
        with full_disk_said(), self._blobs.kept():
            row = self._new_rig_row(rig)
            with self._transaction():
                self._keep("rig", row)
        return rig.sha256

    def put_recipe(self, recipe: Recipe) -> str:
        """Keep a recipe as the newest version of its name; one that is there already stays. Returns its hash."""
        row = self._new_recipe_row(recipe)
        with self._transaction():
            self._keep("recipe", row)
        return recipe.sha256

    def add_recipe(self, recipe: Recipe, *, who: str, why: str) -> str:
        """Keep a new version of a recipe, with who wrote it and why. Returns its hash.

        Raises
        ------
        Refused
            This very text is stored already: it would not be the newest version.
        """
        row = recipe_row(recipe, self._clock(), who, why)
        with self._transaction():
            if self._exists("SELECT 1 FROM recipe WHERE sha256 = ?", recipe.sha256):
                raise Refused(f"text: this version of {recipe.name} is stored already ({recipe.sha256[:12]})")
            self._insert("recipe", row)
        return recipe.sha256

    def save(
        self,
        report: Report,
        *,
        frames: Frames,
        rig: Rig,
        recipe: Recipe,
        maps: Mapping[str, NDArray[np.float32]],
        previous_id: int | None = None,
    ) -> int:
        """Keep an inspection with all it rests on: the whole of it, or nothing.

        Every file is on the disk before the transaction that names it; the attempt is counted here.

        Parameters
        ----------
        previous_id : int, optional
            The stored inspection whose report was the earlier one: its ledger goes on in this one.

        Returns
        -------
        int
            The inspection's id.

        Raises
        ------
        Refused
            The panel is stored as another part.
        NoRoom
            The disk is full, or would be; no inspection was stored.
        OSError, sqlite3.OperationalError
            The disk is broken; no inspection was stored.
        """
        size = sum(frame.pixels.nbytes for frame in frames.frames) + sum(values.nbytes for values in maps.values())
        refuse_without_room(self.path.parent, self.policy, size)
        with full_disk_said(), self._blobs.kept():
            return self._saved(report, [frames], rig, recipe, maps, previous_id)

    def save_part(self, report: Report, part: Part, *, previous_id: int | None = None) -> int:
        """Keep the inspection of a part of several views with every capture and the plan; otherwise as `save`."""
        size = sum(frame.pixels.nbytes for frames in part.frames for frame in frames.frames)
        refuse_without_room(self.path.parent, self.policy, size + sum(v.nbytes for v in part.maps.values()))
        with full_disk_said(), self._blobs.kept():
            return self._saved(report, part.frames, part.rig, part.recipe, part.maps, previous_id, part)

    def _saved(
        self,
        report: Report,
        captures: Sequence[Frames],
        rig: Rig,
        recipe: Recipe,
        maps: Mapping[str, NDArray[np.float32]],
        previous_id: int | None,
        part: Part | None = None,
    ) -> int:
        new_rig, new_recipe = self._new_rig_row(rig), self._new_recipe_row(recipe)
        names = iter(self._blobs.put_all(contents(captures, maps, rig.geometry.camera)))
        files = [(next(names), [*islice(names, len(frames.frames))]) for frames in captures]
        map_names = [*islice(names, len(maps))]
        picture = next(names, None)
        maps_bytes = self._blobs.size(map_names)
        map_rows = [map_row(name, maps[name], blob) for name, blob in zip(maps, map_names, strict=True)]
        now, code = self._clock(), panel_code(captures[0])
        with self._transaction():
            self._keep("rig", new_rig)
            self._keep("recipe", new_recipe)
            for frames, (manifest, frame_names) in zip(captures, files, strict=True):
                panel_id = self._keep_capture(frames, code, manifest, frame_names, now)
            row = inspection_row(
                report,
                replace(captures[0], geometry=rig.geometry),
                panel_id=panel_id,
                attempt=self._next_attempt(panel_id, report.coat_number, report.pass_number),
                rig_sha256=rig.sha256,
                recipe_sha256=recipe.sha256,
                simulated=report.simulated or captures[0].simulated or rig.simulated,
                picture_sha256=picture,
                previous_id=previous_id,
                now=now,
            )
            row |= {"maps_bytes": maps_bytes} | stated(self.policy, report.verdict, code, now)
            if part is not None:
                self._keep_plan(part.plan)
                row |= part_of_inspection(part)
            inspection_id = self._insert("inspection", row)
            for position, finding in enumerate(report.findings):
                self._insert("finding", finding_row(finding, inspection_id, position))
            for defect in report.defects:
                self._insert("defect", defect_row(defect, inspection_id, present=True))
            for defect in report.removed:
                self._insert("defect", defect_row(defect, inspection_id, present=False))
            for row in map_rows:
                self._insert("map", {"inspection_id": inspection_id} | row)
            for position, view in enumerate(report.views):
                seen = {"inspection_id": inspection_id, "position": position, "view": view.view}
                self._insert("inspection_view", seen | {"capture_sha256": view.capture})
        return inspection_id

    def _next_attempt(self, panel_id: int, coat_number: int, pass_number: int) -> int:
        sql = """SELECT coalesce(max(attempt), 0) + 1 FROM inspection
            WHERE panel_id = ? AND coat_number = ? AND pass_number = ?"""
        return int(self._database.execute(sql, (panel_id, coat_number, pass_number)).fetchone()[0])
