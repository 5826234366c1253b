"""The line: one capture at a time, from a scanned code to a stored inspection."""

from station.line.measuring import Line

__all__ = ["Line"]
