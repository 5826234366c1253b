"""``/metrics``: the state of the station for Prometheus, from the same query as ``/api/health``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from station.store.db import Store
from station.store.health import WARNINGS
from station.web.deps import LineDep, StoreDep

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def metrics(request: Request, store: StoreDep, line: LineDep) -> Response:
    """Text in the exposition format."""
    registry = CollectorRegistry()
    registry.register(Station(store, busy=line.busy, software=request.app.version))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return Response(
        generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
    )


class Station(Collector):
    """Numbers of one station, read when they are asked for."""

    def __init__(self, store: Store, *, busy: bool, software: str) -> None:
        self._store, self._busy, self._software = store, busy, software

    def collect(self) -> Iterator[Metric]:
        """Every number with its unit in the name; what is not known is left out."""
        health = self._store.health()
        with self._store.reader() as reader:
            verdicts, latest = reader.verdicts(), reader.latest_timing()
        space, backup = health["space"], health["backup"]
        yield _labelled("info", "Version of the program.", "version", {self._software: 1})
        yield _one("up", "1 where the station can measure and store.", health["status"] == "ok")
        yield _one("line_busy", "1 while a panel is measured.", self._busy)
        yield _labelled("warning", "1 for what a person should see to.", "code", _warned(health["warnings"]))
        counted = CounterMetricFamily("paint_station_inspections", "Stored inspections.", labels=["verdict"])
        for verdict, count in verdicts.items():
            counted.add_metric([verdict], count)
        yield counted
        yield from _known("last_inspection_duration_seconds", "Time to measure it.", latest["total_s"])
        yield from _known("last_inspection_timestamp_seconds", "When it was stored.", _seconds(latest["stored_at"]))
        yield _one("disk_free_bytes", "Free bytes of the disk.", space["free_bytes"])
        yield _one("disk_keep_free_bytes", "Nothing is stored that would leave less.", space["keep_free_bytes"])
        yield from _known("stored_bytes_per_day", "Of the last two weeks.", space["bytes_per_day"])
        yield from _known("disk_days_left", "Days until the disk is full; absent: more than 90.", space["days_left"])
        yield from _known(
            "backup_timestamp_seconds", "When the last backup was made.", _seconds(backup and backup["done_at"])
        )
        rigs = {rig["station"] or "": _seconds(rig["expires_at"]) or math.nan for rig in health["rigs"]}
        yield _labelled("rig_expiry_timestamp_seconds", "When the newest calibration runs out.", "station", rigs)
        yield _one("clock_back_seconds", "How far the clock stands before what is stored.", health["clock_back_s"] or 0)


def _one(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"paint_station_{name}", told, value=float(value))


def _known(name: str, told: str, value: float | None) -> Iterator[GaugeMetricFamily]:
    if value is not None:
        yield _one(name, told, value)


def _labelled(name: str, told: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"paint_station_{name}", told, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _warned(warnings: list[dict[str, Any]]) -> dict[str, float]:
    return dict.fromkeys(WARNINGS, 0.0) | {warning["code"]: 1.0 for warning in warnings}


def _seconds(moment: str | None) -> float | None:
    return None if moment is None else datetime.fromisoformat(moment).timestamp()
