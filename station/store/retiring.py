"""What is past its term: maps and frames that may be deleted."""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from station.store.policy import Policy, Term, due
from station.store.rows import Row

#: What is kept still, with what decides for how long: a row for each capture of an inspection, maps with the first.
KEPT = """
    SELECT i.id, p.code AS panel, i.verdict, i.stored_at, i.maps_until, i.frames_until, i.maps_bytes, c.sha256,
        c.frames_bytes, c.frames_retired_at IS NULL AS frames,
        i.maps_retired_at IS NULL AND c.sha256 = i.capture_sha256
            AND EXISTS (SELECT 1 FROM map WHERE inspection_id = i.id) AS maps
    FROM inspection i JOIN panel p ON p.id = i.panel_id JOIN inspection_capture v ON v.inspection_id = i.id
        JOIN capture c ON c.sha256 = v.capture_sha256
    WHERE i.maps_retired_at IS NULL OR c.frames_retired_at IS NULL ORDER BY i.id"""


#: Captures of daily checks: of no panel, so no inspection says how long they are kept.
KEPT_CHECKS = """
    SELECT sha256, stored_at, frames_bytes FROM capture c
    WHERE frames_retired_at IS NULL AND NOT EXISTS (SELECT 1 FROM inspection_capture WHERE capture_sha256 = c.sha256)"""


@dataclass(frozen=True, slots=True)
class Retirement:
    """What was deleted, or would be: inspections whose maps, captures whose frames, their bytes, and when more is due.

    `promised` counts the inspections that today's settings would delete from, and that were stored with a longer term.
    """

    maps: int
    frames: int
    bytes: int
    promised: int
    next_due: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """Inspections whose maps and captures whose frames are due, each with its term; see `Retirement` for the rest."""

    maps: list[tuple[int, Term]]
    frames: list[tuple[str, Term]]
    bytes: int
    promised: int
    next_due: str | None


def due_now(rows: Iterable[Row], checks: Iterable[Row], reference: set[str], policy: Policy, now: str) -> Due:
    """What is past its term, each with the term; frames that several inspections share wait for the last of them."""
    maps: list[tuple[int, Term]] = []
    frames: dict[str, tuple[str, Term, int]] = {}
    size, promised, later = 0, set(), []
    for row in rows:
        kept = row["panel"] in policy.reference_panels or row["sha256"] in reference
        if row["maps"]:
            term = policy.maps_term(reference=kept)
            until = due(row["maps_until"], term, row["stored_at"])
            if until <= now:
                maps.append((row["id"], term))
                size += row["maps_bytes"] or 0
            else:
                later.append(until)
                promised |= {row["id"]} if term.until(datetime.fromisoformat(row["stored_at"])) <= now else set()
        if row["frames"]:
            term = policy.frames_term(row["verdict"], reference=kept)
            until = due(row["frames_until"], term, row["stored_at"])
            promised |= {row["id"]} if term.until(datetime.fromisoformat(row["stored_at"])) <= now < until else set()
            before = frames.get(row["sha256"])
            if before is None or until > before[0]:
                frames[row["sha256"]] = (until, term, row["frames_bytes"] or 0)
    for row in checks:
        term = policy.reference_term
        frames[row["sha256"]] = (term.until(datetime.fromisoformat(row["stored_at"])), term, row["frames_bytes"] or 0)
    over = {sha256: (term, held) for sha256, (until, term, held) in frames.items() if until <= now}
    later += [until for until, _, _ in frames.values() if until > now]
    return Due(
        maps,
        [(sha256, term) for sha256, (term, _) in over.items()],
        size + sum(held for _, held in over.values()),
        len(promised),
        min(later, default=None),
    )


def learned_from(connection: sqlite3.Connection) -> set[str]:
    """Captures that a stored recipe was learned from."""
    texts = connection.execute("SELECT text FROM recipe WHERE text LIKE '%[learned]%'")
    return {sha256 for (text,) in texts for sha256 in tomllib.loads(text).get("learned", {}).get("captures", ())}
