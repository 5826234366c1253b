"""The tables, as an append-only list of migrations: never edit one that has shipped, add another.

Units are in the column names as everywhere; ``*_utc`` is the sortable form of a time whose original
text stands beside it; columns that hold JSON are listed in `rows.JSON_COLUMNS`.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from station.store import tallies

migrations = Migrations("station")


def _only_added_to(db: Database, *tables: str) -> None:
    """Rows of these tables are never changed or taken away. As shipped: a change here would need new migrations."""
    for table in tables:
        for change in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_keeps_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
            )


@migrations()
def m0001_first_tables(db: Database) -> None:
    """Panels, captures with their frames, rigs, recipes, inspections with findings, defects and maps."""
    db.execute("""CREATE TABLE panel (
        id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, part TEXT) STRICT""")
    db.execute("""CREATE TABLE capture (
        sha256 TEXT PRIMARY KEY, manifest_sha256 TEXT NOT NULL, panel_id INTEGER NOT NULL REFERENCES panel(id),
        coat_number INTEGER NOT NULL, pass_number INTEGER NOT NULL, view TEXT, recipe TEXT, station TEXT, operator TEXT,
        captured_at TEXT, captured_at_utc TEXT NOT NULL, simulated INTEGER NOT NULL, stored_at TEXT NOT NULL) STRICT""")
    db.execute("""CREATE TABLE frame (
        capture_sha256 TEXT NOT NULL REFERENCES capture(sha256), position INTEGER NOT NULL, file TEXT NOT NULL,
        role TEXT NOT NULL, "group" TEXT NOT NULL, exposure_ms REAL NOT NULL, axis TEXT, period_mm REAL, step INTEGER,
        blob_sha256 TEXT NOT NULL, PRIMARY KEY (capture_sha256, position)) STRICT""")
    db.execute("""CREATE TABLE rig (
        sha256 TEXT PRIMARY KEY, blob_sha256 TEXT NOT NULL, station TEXT, simulated INTEGER NOT NULL,
        calibrated_at TEXT NOT NULL, calibrated_at_utc TEXT NOT NULL, expires_at TEXT NOT NULL,
        expires_at_utc TEXT NOT NULL, header TEXT NOT NULL, stored_at TEXT NOT NULL) STRICT""")
    db.execute("""CREATE TABLE recipe (
        id INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL UNIQUE, name TEXT NOT NULL, title TEXT NOT NULL,
        passes INTEGER NOT NULL, n_clear REAL NOT NULL, target_lab TEXT, text TEXT NOT NULL,
        stored_at TEXT NOT NULL) STRICT""")
    db.execute("""CREATE TABLE inspection (
        id INTEGER PRIMARY KEY AUTOINCREMENT, panel_id INTEGER NOT NULL REFERENCES panel(id),
        coat_number INTEGER NOT NULL, pass_number INTEGER NOT NULL, attempt INTEGER NOT NULL,
        capture_sha256 TEXT NOT NULL REFERENCES capture(sha256), rig_sha256 TEXT NOT NULL REFERENCES rig(sha256),
        recipe_sha256 TEXT NOT NULL REFERENCES recipe(sha256), view TEXT, station TEXT, captured_at TEXT,
        captured_at_utc TEXT NOT NULL, simulated INTEGER NOT NULL, software TEXT NOT NULL, verdict TEXT NOT NULL,
        action TEXT NOT NULL, probability REAL NOT NULL, valid_ratio REAL NOT NULL, saturated_ratio REAL NOT NULL,
        field_mm TEXT NOT NULL, pixel_to_panel_mm TEXT NOT NULL, picture_sha256 TEXT, report TEXT NOT NULL,
        stored_at TEXT NOT NULL, UNIQUE (panel_id, coat_number, pass_number, attempt)) STRICT""")
    db.execute("""CREATE TABLE finding (
        inspection_id INTEGER NOT NULL REFERENCES inspection(id), position INTEGER NOT NULL, check_no INTEGER,
        region TEXT NOT NULL, measure TEXT NOT NULL, version INTEGER NOT NULL, knobs TEXT NOT NULL, value REAL,
        unit TEXT NOT NULL, u REAL, u_noise REAL, n_px INTEGER NOT NULL, quality TEXT NOT NULL, low REAL, high REAL,
        verdict TEXT, PRIMARY KEY (inspection_id, position)) STRICT""")
    db.execute("""CREATE TABLE defect (
        inspection_id INTEGER NOT NULL REFERENCES inspection(id), id TEXT NOT NULL, kind TEXT NOT NULL,
        code TEXT NOT NULL, x_mm REAL NOT NULL, y_mm REAL NOT NULL, length_mm REAL NOT NULL, width_mm REAL NOT NULL,
        area_mm2 REAL NOT NULL, height_um REAL, angle_deg REAL, severity REAL NOT NULL, confidence REAL NOT NULL,
        region TEXT NOT NULL, status TEXT, since_pass INTEGER, PRIMARY KEY (inspection_id, id)) STRICT""")
    db.execute("""CREATE TABLE map (
        inspection_id INTEGER NOT NULL REFERENCES inspection(id), name TEXT NOT NULL, unit TEXT NOT NULL,
        rows_px INTEGER NOT NULL, columns_px INTEGER NOT NULL, channels INTEGER NOT NULL, low REAL, high REAL,
        valid_ratio REAL NOT NULL, blob_sha256 TEXT NOT NULL, PRIMARY KEY (inspection_id, name)) STRICT""")
    db.execute("CREATE INDEX inspection_by_time ON inspection (captured_at_utc, id)")
    db.execute("CREATE INDEX capture_by_time ON capture (captured_at_utc, sha256)")
    db.execute("CREATE INDEX rig_by_station ON rig (station, calibrated_at_utc)")
    db.execute("CREATE INDEX recipe_by_name ON recipe (name, id)")
    db.execute("CREATE INDEX finding_by_measure ON finding (measure, region)")
    db.execute("CREATE INDEX defect_by_kind ON defect (kind)")


@migrations()
def m0002_marks_from_pass_to_pass(db: Database) -> None:
    """What became of each mark, what people say about marks and film, and which inspection a ledger continues."""
    for column in (
        "caused_by_pass INTEGER", "last_seen_pass INTEGER", "u_place_mm REAL", "u_length_mm REAL", "u_width_mm REAL",
        "u_height_um REAL", "contrast REAL", "contrast_measure TEXT", "significance REAL", "box_mm TEXT",
        "features TEXT",
        # Marks of earlier passes that are not there, or not seen, any more stand beside those that are.
        "present INTEGER NOT NULL DEFAULT 1",
    ):  # fmt: skip
        db.execute(f"ALTER TABLE defect ADD COLUMN {column}")
    db.execute("ALTER TABLE inspection ADD COLUMN previous_id INTEGER REFERENCES inspection(id)")
    db.execute("""CREATE TABLE correction (
        id INTEGER PRIMARY KEY AUTOINCREMENT, inspection_id INTEGER NOT NULL REFERENCES inspection(id),
        defect_id TEXT, what TEXT NOT NULL, kind TEXT, x_mm REAL, y_mm REAL, who TEXT NOT NULL, why TEXT NOT NULL,
        made_at TEXT NOT NULL) STRICT""")
    db.execute("""CREATE TABLE film_reading (
        id INTEGER PRIMARY KEY AUTOINCREMENT, panel_id INTEGER NOT NULL REFERENCES panel(id),
        coat_number INTEGER NOT NULL, pass_number INTEGER NOT NULL, zone TEXT NOT NULL, film_um REAL NOT NULL,
        u_um REAL, who TEXT NOT NULL, measured_at TEXT NOT NULL, measured_at_utc TEXT NOT NULL,
        stored_at TEXT NOT NULL) STRICT""")
    # What was said is not taken back: a later word stands beside it.
    _only_added_to(db, "correction", "film_reading")
    db.execute("CREATE INDEX correction_by_mark ON correction (inspection_id, defect_id)")
    db.execute("CREATE INDEX film_reading_by_panel ON film_reading (panel_id, coat_number, pass_number)")
    db.execute("CREATE INDEX defect_by_status ON defect (status, kind)")


@migrations()
def m0003_times_of_work(db: Database) -> None:
    """When work on a pass started and stopped: saved hours are shown, not claimed."""
    db.execute("""CREATE TABLE work (
        id INTEGER PRIMARY KEY AUTOINCREMENT, panel_id INTEGER NOT NULL REFERENCES panel(id),
        coat_number INTEGER NOT NULL, pass_number INTEGER NOT NULL, started_at TEXT NOT NULL,
        stopped_at TEXT NOT NULL, who TEXT NOT NULL, stored_at TEXT NOT NULL) STRICT""")
    _only_added_to(db, "work")
    db.execute("CREATE INDEX work_by_panel ON work (panel_id, coat_number, pass_number)")


@migrations()
def m0004_starts_of_work(db: Database) -> None:
    """When somebody pressed start: the piece of work that ends it is kept at the stop."""
    db.execute("""CREATE TABLE work_start (
        id INTEGER PRIMARY KEY AUTOINCREMENT, panel_id INTEGER NOT NULL REFERENCES panel(id),
        coat_number INTEGER NOT NULL, pass_number INTEGER NOT NULL, started_at TEXT NOT NULL, who TEXT NOT NULL,
        stored_at TEXT NOT NULL) STRICT""")
    _only_added_to(db, "work_start")
    db.execute("ALTER TABLE work ADD COLUMN start_id INTEGER REFERENCES work_start(id)")
    db.execute("CREATE INDEX work_start_by_panel ON work_start (panel_id)")
    db.execute("CREATE UNIQUE INDEX work_by_start ON work (start_id) WHERE start_id IS NOT NULL")


@migrations()
def m0005_budgets(db: Database) -> None:
    """What the uncertainty of a value is made of."""
    db.execute("ALTER TABLE finding ADD COLUMN budget TEXT")


@migrations()
def m0006_who_wrote_a_recipe(db: Database) -> None:
    """Who wrote this version of a recipe, and why."""
    db.execute("ALTER TABLE recipe ADD COLUMN who TEXT")
    db.execute("ALTER TABLE recipe ADD COLUMN why TEXT")


@migrations()
def m0007_probability_of_conformity(db: Database) -> None:
    """How likely each judged value keeps its limits."""
    db.execute("ALTER TABLE finding ADD COLUMN probability REAL")


@migrations()
def m0008_how_long_things_are_kept(db: Database) -> None:
    """Until when maps and frames are kept, how large they are, when and why they were retired; reports of upkeep."""
    for column in ("maps_bytes INTEGER", "maps_until TEXT", "frames_until TEXT", "maps_retired_at TEXT",
                   "maps_retired_by TEXT"):  # fmt: skip
        db.execute(f"ALTER TABLE inspection ADD COLUMN {column}")
    for column in ("frames_bytes INTEGER", "frames_retired_at TEXT", "frames_retired_by TEXT"):
        db.execute(f"ALTER TABLE capture ADD COLUMN {column}")
    db.execute("""CREATE TABLE upkeep (
        id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, done_at TEXT NOT NULL, told TEXT NOT NULL) STRICT""")
    _only_added_to(db, "upkeep")
    db.execute("CREATE INDEX upkeep_by_kind ON upkeep (kind, id)")
    # Whether a file is still named is asked before it is deleted.
    db.execute("CREATE INDEX frame_by_blob ON frame (blob_sha256)")
    db.execute("CREATE INDEX map_by_blob ON map (blob_sha256)")
    db.execute("CREATE INDEX inspection_by_capture ON inspection (capture_sha256)")


@migrations()
def m0009_daily_checks(db: Database) -> None:
    """What the check panel showed of a station, and whether that is what its first checks showed."""
    db.execute("""CREATE TABLE daily_check (
        id INTEGER PRIMARY KEY AUTOINCREMENT, station TEXT, check_panel TEXT NOT NULL,
        capture_sha256 TEXT NOT NULL UNIQUE REFERENCES capture(sha256),
        rig_sha256 TEXT NOT NULL REFERENCES rig(sha256), captured_at TEXT, captured_at_utc TEXT NOT NULL,
        simulated INTEGER NOT NULL, operator TEXT, first INTEGER NOT NULL, met INTEGER, seen TEXT NOT NULL,
        judged TEXT NOT NULL, gates TEXT NOT NULL, software TEXT NOT NULL, stored_at TEXT NOT NULL,
        CHECK ((met IS NULL) = (first = 1))) STRICT""")
    _only_added_to(db, "daily_check")
    db.execute("CREATE INDEX daily_check_by_station ON daily_check (station, captured_at_utc, id)")


@migrations()
def m0010_people_and_the_audit(db: Database) -> None:
    """Who may log in, under a pseudonym; names apart from it, to be forgotten; and who changed what."""
    db.execute("""CREATE TABLE account (
        id INTEGER PRIMARY KEY AUTOINCREMENT, pseudonym TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL,
        pin TEXT, badge_sha256 TEXT UNIQUE, failures INTEGER NOT NULL DEFAULT 0, locked_until TEXT,
        locked INTEGER NOT NULL DEFAULT 0, made_at TEXT NOT NULL) STRICT""")
    db.execute("""CREATE TABLE person_name (
        account_id INTEGER PRIMARY KEY REFERENCES account(id), name TEXT NOT NULL, written_at TEXT NOT NULL) STRICT""")
    db.execute("""CREATE TABLE session (
        sha256 TEXT PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account(id), started_at TEXT NOT NULL,
        seen_at TEXT NOT NULL) STRICT""")
    db.execute("""CREATE TABLE token (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL,
        sha256 TEXT NOT NULL UNIQUE, made_at TEXT NOT NULL, revoked_at TEXT) STRICT""")
    db.execute("""CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
        of_table TEXT NOT NULL, of_row TEXT NOT NULL, columns TEXT NOT NULL, content_sha256 TEXT,
        previous_sha256 TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT""")
    _only_added_to(db, "audit")
    db.execute("CREATE INDEX audit_by_row ON audit (of_table, of_row)")
    db.execute("CREATE INDEX audit_by_who ON audit (who, id)")
    db.execute("CREATE INDEX session_by_account ON session (account_id)")


@migrations()
def m0011_orders(db: Database) -> None:
    """Which panel code is which part in which colour."""
    db.execute("""CREATE TABLE panel_order (
        id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL, order_number TEXT NOT NULL, part TEXT,
        recipe TEXT NOT NULL, coat_number INTEGER NOT NULL, who TEXT NOT NULL, stored_at TEXT NOT NULL) STRICT""")
    _only_added_to(db, "panel_order")
    db.execute("CREATE INDEX panel_order_by_code ON panel_order (code, id)")


@migrations()
def m0012_parts_of_several_views(db: Database) -> None:
    """Plans of parts that are larger than the field, and which captures an inspection of one was made from."""
    db.execute("""CREATE TABLE part_plan (
        id INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL UNIQUE, part TEXT NOT NULL, text TEXT NOT NULL,
        who TEXT NOT NULL, why TEXT NOT NULL, stored_at TEXT NOT NULL) STRICT""")
    _only_added_to(db, "part_plan")
    db.execute("CREATE INDEX part_plan_by_part ON part_plan (part, id)")
    db.execute("ALTER TABLE inspection ADD COLUMN plan_sha256 TEXT REFERENCES part_plan(sha256)")
    db.execute("""CREATE TABLE inspection_view (
        inspection_id INTEGER NOT NULL REFERENCES inspection(id), position INTEGER NOT NULL, view TEXT NOT NULL,
        capture_sha256 TEXT NOT NULL REFERENCES capture(sha256), PRIMARY KEY (inspection_id, position)) STRICT""")
    db.execute("CREATE INDEX inspection_view_by_capture ON inspection_view (capture_sha256)")
    # Every capture that an inspection rests on; the first view's stands in both.
    db.execute("""CREATE VIEW inspection_capture AS
        SELECT id AS inspection_id, capture_sha256 FROM inspection
        UNION SELECT inspection_id, capture_sha256 FROM inspection_view""")


@migrations()
def m0013_ticks_at_the_bay(db: Database) -> None:
    """What was done of a next step, place by place."""
    db.execute("""CREATE TABLE tick (
        id INTEGER PRIMARY KEY AUTOINCREMENT, inspection_id INTEGER NOT NULL REFERENCES inspection(id),
        place TEXT NOT NULL, done INTEGER NOT NULL, who TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
        made_at TEXT NOT NULL) STRICT""")
    _only_added_to(db, "tick")
    db.execute("CREATE INDEX tick_by_inspection ON tick (inspection_id, place, id)")


@migrations()
def m0014_rulings(db: Database) -> None:
    """What people rule of whole inspections, beside what was measured."""
    db.execute("""CREATE TABLE ruling (
        id INTEGER PRIMARY KEY AUTOINCREMENT, inspection_id INTEGER NOT NULL REFERENCES inspection(id),
        what TEXT NOT NULL, verdict TEXT NOT NULL, action TEXT NOT NULL, who TEXT NOT NULL, why TEXT,
        made_at TEXT NOT NULL) STRICT""")
    _only_added_to(db, "ruling")
    db.execute("CREATE INDEX ruling_by_inspection ON ruling (inspection_id, id)")


@migrations()
def m0015_drafts_of_recipes(db: Database) -> None:
    """Versions of recipes that one person proposes, and that a second one approves."""
    db.execute("""CREATE TABLE recipe_draft (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, sha256 TEXT NOT NULL, base_sha256 TEXT,
        text TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, made_at TEXT NOT NULL) STRICT""")
    db.execute("""CREATE TABLE recipe_approval (
        id INTEGER PRIMARY KEY AUTOINCREMENT, draft_id INTEGER NOT NULL UNIQUE REFERENCES recipe_draft(id),
        who TEXT NOT NULL, made_at TEXT NOT NULL) STRICT""")
    _only_added_to(db, "recipe_draft", "recipe_approval")
    db.execute("CREATE INDEX recipe_draft_by_name ON recipe_draft (name, id)")


@migrations()
def m0016_tallies_of_marks(db: Database) -> None:
    """How many marks of which kind there are, where, after which pass and of which recipe: kept by triggers."""
    tallies.make(db)


@migrations()
def m0017_lists_of_very_many(db: Database) -> None:
    """Inspections of one recipe by time, however rare it is; and views that people saved."""
    db.execute("CREATE INDEX inspection_by_recipe ON inspection (recipe_sha256, captured_at_utc, id)")
    db.execute("""CREATE TABLE saved_view (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, address TEXT, who TEXT NOT NULL,
        made_at TEXT NOT NULL) STRICT""")
    _only_added_to(db, "saved_view")
    db.execute("CREATE INDEX saved_view_by_name ON saved_view (name, id)")


@migrations()
def m0018_drafts_that_are_rejected(db: Database) -> None:
    """Who put a draft of a recipe aside, and why."""
    db.execute("""CREATE TABLE recipe_rejection (
        id INTEGER PRIMARY KEY AUTOINCREMENT, draft_id INTEGER NOT NULL UNIQUE REFERENCES recipe_draft(id),
        who TEXT NOT NULL, why TEXT NOT NULL, made_at TEXT NOT NULL) STRICT""")
    _only_added_to(db, "recipe_rejection")
