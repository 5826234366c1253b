"""Tables as Parquet, for notebooks and plant systems; its library is optional (`paint-station[parquet]`)."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

PARQUET = "application/vnd.apache.parquet"


def parquet_of(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> bytes:
    """Rows as a Parquet file.

    Parameters
    ----------
    rows, columns
        As `csv.csv_of`; lists and objects become JSON text, None null.

    Raises
    ------
    ModuleNotFoundError
        The library is not installed.
    """
    import pyarrow
    from pyarrow import parquet

    table = pyarrow.table({column: [_plain(row[column]) for row in rows] for column in columns})
    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return json.dumps(value, ensure_ascii=False)
