"""The log: one JSON object on each line of stderr, or plain lines where a person watches."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Final

#: The station's own entries.
LOG: Final = logging.getLogger("paint-station")


def entry(level: int, text: str, **told: object) -> None:
    """Write an entry.

    Parameters
    ----------
    told : object
        Fields beside the text that a program can look for: ``inspection``, ``panel``, ``capture`` …
    """
    LOG.log(level, "%s", text, extra={"told": told})


def info(text: str, **told: object) -> None:
    """What went as it should; see `entry`."""
    entry(logging.INFO, text, **told)


def warning(text: str, **told: object) -> None:
    """What a person should know; see `entry`."""
    entry(logging.WARNING, text, **told)


def start_log() -> None:
    """Send every entry, those of the libraries too, to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(PlainLines() if handler.stream.isatty() else JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


class JsonLines(logging.Formatter):
    """``{"at": …, "level": …, "from": …, "text": …}``, the told fields, and ``fault`` with the trace of a fault."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever is in the text."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "text": record.getMessage(),
        }
        line |= getattr(record, "told", {})
        if record.exc_info is not None:
            line["fault"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """Time of day, text and told fields."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; the trace of a fault below it."""
        told = "".join(f" {name}={value}" for name, value in getattr(record, "told", {}).items())
        at = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        line = f"{at} {record.levelname.lower()}: {record.getMessage()}{told}"
        return line if record.exc_info is None else f"{line}\n{self.formatException(record.exc_info)}"
