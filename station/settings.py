"""Settings of a station: `station.toml`, and the environment over it. The only reader of the environment."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from inspection.refused import Refused
from station.access.rights import Role
from station.access.terms import Terms
from station.capture.rig_settings import RigSettings
from station.notifying import Manager
from station.store.policy import LONGEST_DAYS, Policy

#: Read from the working directory where no other file is named.
DEFAULT_FILE = Path("station.toml")
ENVIRONMENT_PREFIX = "PAINT_STATION_"

Days = Annotated[float, Field(gt=0, le=LONGEST_DAYS, allow_inf_nan=False)]
_KEPT = Policy()


class Settings(BaseSettings):
    """What differs from one station to the next.

    Every field may stand in ``station.toml`` or, with the prefix ``PAINT_STATION_``, in the environment.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix=ENVIRONMENT_PREFIX)

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    #: Names under which the station is reached, beside the machine's own and its addresses in numbers.
    allowed_hosts: tuple[Annotated[str, Field(min_length=1, max_length=253)], ...] = ()
    data_dir: Path = Path("station-data")
    #: Camera, screen, lamps and where they stand; None: the station takes no pictures of its own.
    capture: RigSettings | None = None
    #: Folder into which other rigs drop capture sets, to be measured as they come.
    watched_dir: Path | None = None
    calibration_valid_hours: Annotated[float, Field(gt=0, le=24 * 366, allow_inf_nan=False)] = 24.0
    #: How long a daily check holds. Without it the station asks for none: pages and reports say so, and only a check
    #: that was not met holds panels back.
    daily_check_hours: Annotated[float, Field(gt=0, le=24 * 366, allow_inf_nan=False)] | None = None
    #: A log-in ends after so long without a request, and after so long in any case.
    session_idle_minutes: Annotated[float, Field(ge=1, le=24 * 60, allow_inf_nan=False)] = 30.0
    session_hours: Annotated[float, Field(gt=0, le=24 * 7, allow_inf_nan=False)] = 12.0
    #: Names that belong to pseudonyms are forgotten after so many days; until then these roles see them.
    names_kept_days: Annotated[float, Field(gt=0, le=3660, allow_inf_nan=False)] = 365.0
    names_shown_to: frozenset[Role] = frozenset()

    #: Terms of maps and frames, and the room that stays free: see `station.store.policy`.
    maps_days: Days = _KEPT.maps_days
    frames_days: Days = _KEPT.frames_days
    frames_failed_days: Days = _KEPT.frames_failed_days
    reference_days: Days = _KEPT.reference_days
    reference_panels: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = _KEPT.reference_panels
    keep_free_gb: Annotated[float, Field(ge=0.1, le=1e5, allow_inf_nan=False)] = _KEPT.keep_free_bytes / 1e9

    @property
    def policy(self) -> Policy:
        """How long what is stored is kept."""
        return Policy(
            maps_days=self.maps_days,
            frames_days=self.frames_days,
            frames_failed_days=self.frames_failed_days,
            reference_days=self.reference_days,
            reference_panels=self.reference_panels,
            keep_free_bytes=round(self.keep_free_gb * 1e9),
        )

    @property
    def database(self) -> Path:
        """The database file; frames and maps lie beside it."""
        return self.data_dir / "station.db"

    @property
    def terms(self) -> Terms:
        """How long log-ins and names last, and who sees names."""
        return Terms(
            idle=timedelta(minutes=self.session_idle_minutes),
            longest=timedelta(hours=self.session_hours),
            names_kept=timedelta(days=self.names_kept_days),
            names_shown_to=self.names_shown_to,
        )


def read_settings(path: Path | None = None) -> Settings:
    """Read the settings.

    Parameters
    ----------
    path : Path, optional
        A TOML file that must exist; without it ``station.toml`` of the working directory, if there is one.

    Raises
    ------
    Refused
        The file is missing or not TOML, a key is unknown, or a value is impossible.
    """
    if path is not None and not path.is_file():
        raise Refused(f"{path}: no such settings file")
    file = path if path is not None else DEFAULT_FILE

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

    try:
        return FromFile()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = f"; known: {', '.join(Settings.model_fields)}" if len(first["loc"]) == 1 else ""
            raise Refused(f"{file}: {field}: unknown setting{known}") from error
        where = f"{file} or {ENVIRONMENT_PREFIX}{field.upper()}" if len(first["loc"]) == 1 else f"{file}"
        raise Refused(f"{where}: {field}: {first['msg'].removeprefix('Value error, ')}") from error
    except (SettingsError, ValueError, OSError) as error:
        raise Refused(f"{file}: not readable as TOML: {error}") from error


def service_manager() -> Manager | None:
    """Who started this program and is to hear how it does; None where nobody asks."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return None
    within_us, meant = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", str(os.getpid()))
    watched = within_us.isdecimal() and int(within_us) > 0 and meant == str(os.getpid())
    return Manager(address, int(within_us) / 1e6 if watched else None)
