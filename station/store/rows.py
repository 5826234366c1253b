"""From what the library hands over to rows of the tables, and back to JSON values."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Frame, Frames
from inspection.joining import Part
from inspection.recipe import Recipe
from inspection.report import Defect, Finding, Report
from inspection.rig import Rig
from inspection.units import unit_of
from station.events import utc_text

Row = dict[str, Any]

#: Columns that hold JSON text; `decoded` turns them back.
JSON_COLUMNS = frozenset({
    "title", "target_lab", "recipe_title", "recipe_lab", "header", "knobs", "quality",
    "field_mm", "pixel_to_panel_mm", "next_step", "report", "box_mm", "features", "budget", "told",
    "seen", "judged", "gates", "columns", "ruling",
})  # fmt: skip
#: Columns that hold 0 or 1.
FLAG_COLUMNS = frozenset({"simulated", "expired", "false_alarm", "present", "first", "met", "locked", "done"})
#: At most this many values of a map are looked at for its range on screen.
RANGE_SAMPLE = 250_000


def as_json(value: object) -> str:
    """JSON text for a column; NaN is a fault of the program."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def report_text(report: Report) -> str:
    """The report as it is kept and served, byte for byte."""
    return json.dumps(report.as_dict(), ensure_ascii=False, indent=1, allow_nan=False)


def decoded(row: Row) -> Row:
    """A row as JSON values: JSON columns parsed, flags as booleans."""
    out = dict(row)
    for name in JSON_COLUMNS & out.keys():
        out[name] = None if out[name] is None else json.loads(out[name])
    for name in FLAG_COLUMNS & out.keys():
        out[name] = None if out[name] is None else bool(out[name])
    return out


def panel_code(frames: Frames) -> str:
    """The panel's code; a set that names none is a panel of its own, named after its content."""
    return frames.panel if frames.panel is not None else f"unnamed-{frames.sha256[:12]}"


def captured_utc(captured_at: str | None, now: datetime) -> str:
    """Sortable time of capture; the time of storing where the set does not say."""
    return utc_text(datetime.fromisoformat(captured_at) if captured_at is not None else now)


def capture_row(frames: Frames, panel_id: int, manifest_sha256: str, now: datetime) -> Row:
    """The row of a capture set."""
    return {
        "sha256": frames.sha256,
        "manifest_sha256": manifest_sha256,
        "panel_id": panel_id,
        "coat_number": frames.coat_number,
        "pass_number": frames.pass_number,
        "view": frames.view,
        "recipe": frames.recipe,
        "station": frames.station,
        "operator": frames.operator,
        "captured_at": frames.captured_at,
        "captured_at_utc": captured_utc(frames.captured_at, now),
        "simulated": int(frames.simulated),
        "stored_at": utc_text(now),
    }


def frame_row(frame: Frame, position: int, capture_sha256: str, blob_sha256: str) -> Row:
    """The row of one frame; what is not a column is in the stored manifest."""
    return {
        "capture_sha256": capture_sha256,
        "position": position,
        "file": frame.file,
        "role": str(frame.role),
        "group": frame.group,
        "exposure_ms": frame.exposure_ms,
        "axis": frame.axis,
        "period_mm": frame.period_mm,
        "step": frame.step,
        "blob_sha256": blob_sha256,
    }


def rig_row(rig: Rig, sha256: str, blob_sha256: str, now: datetime) -> Row:
    """The row of a rig; its arrays are in the blob."""
    return {
        "sha256": sha256,
        "blob_sha256": blob_sha256,
        "station": rig.station,
        "simulated": int(rig.simulated),
        "calibrated_at": rig.calibrated_at,
        "calibrated_at_utc": utc_text(datetime.fromisoformat(rig.calibrated_at)),
        "expires_at": rig.expires_at,
        "expires_at_utc": utc_text(datetime.fromisoformat(rig.expires_at)),
        "header": as_json(rig.header()),
        "stored_at": utc_text(now),
    }


def recipe_row(recipe: Recipe, now: datetime, who: str | None = None, why: str | None = None) -> Row:
    """The row of a recipe; its text is the truth, the columns are for lists; `who` wrote it and `why`, if known."""
    return {
        "sha256": recipe.sha256,
        "name": recipe.name,
        "title": as_json(recipe.title),
        "passes": recipe.passes,
        "n_clear": recipe.n_clear,
        "target_lab": None if recipe.target_lab is None else as_json(recipe.target_lab),
        "text": recipe.text,
        "stored_at": utc_text(now),
        "who": who,
        "why": why,
    }


def inspection_row(report: Report, frames: Frames, *, panel_id: int, attempt: int, rig_sha256: str, recipe_sha256: str,
                   simulated: bool, picture_sha256: str | None, previous_id: int | None,
                   now: datetime) -> Row:  # fmt: skip
    """The row of an inspection: who, when, with what, and the report itself."""
    view = np.asarray(frames.view_to_panel_mm, float)
    pixel_to_panel_mm = view @ np.asarray(frames.geometry.camera.pixel_to_panel_mm, float)
    return {
        "panel_id": panel_id,
        "coat_number": report.coat_number,
        "pass_number": report.pass_number,
        "attempt": attempt,
        "capture_sha256": frames.sha256,
        "rig_sha256": rig_sha256,
        "recipe_sha256": recipe_sha256,
        "view": report.view,
        "station": report.station,
        "captured_at": report.captured_at,
        "captured_at_utc": captured_utc(report.captured_at, now),
        "simulated": int(simulated),
        "software": report.software,
        "verdict": str(report.verdict),
        "action": str(report.next_step.action),
        "probability": report.next_step.probability,
        "valid_ratio": report.valid_ratio,
        "saturated_ratio": report.saturated_ratio,
        "field_mm": as_json(frames.geometry.field_mm),
        "pixel_to_panel_mm": as_json(pixel_to_panel_mm.tolist()),
        "picture_sha256": picture_sha256,
        "report": report_text(report),
        "previous_id": previous_id,
        "stored_at": utc_text(now),
    }


def part_of_inspection(part: Part) -> Row:
    """What the row of an inspection of several views has otherwise: maps lie on the part, and its plan."""
    return {
        "field_mm": as_json(part.field_mm),
        "pixel_to_panel_mm": as_json(part.pixel_to_panel_mm),
        "plan_sha256": part.plan.sha256,
    }


def finding_row(finding: Finding, inspection_id: int, position: int) -> Row:
    """The row of a finding: its fields are the columns."""
    row = {field.name: getattr(finding, field.name) for field in fields(finding)}
    row |= {name: as_json(row[name]) for name in ("knobs", "budget")}
    row["quality"] = as_json([str(flag) for flag in finding.quality])
    row["verdict"] = None if finding.verdict is None else str(finding.verdict)
    return {"inspection_id": inspection_id, "position": position} | row


def defect_row(defect: Defect, inspection_id: int, *, present: bool) -> Row:
    """The row of a defect: its fields are the columns; `present` where it was found at this inspection."""
    row = asdict(defect)
    row["status"] = None if defect.status is None else str(defect.status)
    row |= {name: as_json(row[name]) for name in JSON_COLUMNS & row.keys() if row[name] is not None}
    return {"inspection_id": inspection_id, "present": int(present)} | row


def map_row(name: str, values: NDArray[np.float32], blob_sha256: str) -> Row:
    """The row of a map but for its inspection, with the range that most of it lies in (2nd to 98th percentile)."""
    rows_px, columns_px = values.shape[:2]
    channels = values.shape[2] if values.ndim == 3 else 1
    stride = int(np.ceil(np.sqrt(values.size / RANGE_SAMPLE))) if values.size > RANGE_SAMPLE else 1
    seen = values[::stride, ::stride]
    seen = seen[np.isfinite(seen)]
    low, high = (float(edge) for edge in np.percentile(seen, (2, 98))) if seen.size else (None, None)
    return {
        "name": name,
        "unit": map_unit(name),
        "rows_px": rows_px,
        "columns_px": columns_px,
        "channels": channels,
        "low": low,
        "high": high,
        "valid_ratio": float(np.isfinite(values).mean()),
        "blob_sha256": blob_sha256,
    }


def map_unit(name: str) -> str:
    """The printed unit of a map; a modulation is a share of full scale per millisecond of exposure."""
    return "1/ms" if name.startswith("modulation_") else unit_of(name)
