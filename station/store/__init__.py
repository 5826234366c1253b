"""The station's memory: SQLite rows, and frames and maps as content-addressed files beside it."""
