"""Faults of the station: not the input's, and not a verdict.

The command line prints the sentence and ends with exit code 1.
"""

from __future__ import annotations


class StationFault(RuntimeError):
    """One sentence for a person: what the station cannot do now, and what would help."""


class Busy(StationFault):
    """The line is measuring something else; the API answers 409 at once instead of waiting."""
