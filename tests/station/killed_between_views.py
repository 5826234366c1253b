"""Run by a test: captures the first view of a part and is killed while the second one is asked for."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from conftest import NOW, fixed_clock
from sills import STATION
from test_line_views import shift

from calibration import calibrate
from samples.scene import render_reference
from station.store.db import Store

if __name__ == "__main__":
    rig = calibrate([render_reference(STATION, seed=0, captured_at=NOW.isoformat())])
    with closing(Store.open(Path(sys.argv[1]), clock=fixed_clock)) as store, shift(store, rig) as at_work:
        print("asked for", at_work.begin().view, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
