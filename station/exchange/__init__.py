"""Formats that leave or enter the station: one file, one format."""
