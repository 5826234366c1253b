"""Eight people who look at the station while it works: run as a program of its own, as their browsers would be."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from http.client import HTTPConnection

READERS = 8
#: How long one of them looks at what was answered before asking again, s: eight eager people, and no flood.
LOOKS_S = 0.2
ASKED = (
    "/api/line", "/api/inspections?limit=20", "/api/panels?limit=20", "/api/defects?limit=50", "/api/health",
    "/api/findings?limit=50", "/", "/line",
)  # fmt: skip


def main(address: str, seed: int) -> None:
    """Ask until the standard input ends, then print every answer's time and what was wrong, as JSON."""
    over = threading.Event()
    times_ms: list[float] = []
    wrong: list[str] = []

    def read(number: int) -> None:
        choose = random.Random(seed + number)
        connection = HTTPConnection(address.removeprefix("http://"), timeout=30)
        while not over.wait(LOOKS_S * choose.uniform(0.5, 1.5)):
            asked = choose.choice(ASKED)
            begun = time.perf_counter()
            try:
                connection.request("GET", asked)
                answer = connection.getresponse()
                body = answer.read()
            except OSError as fault:
                wrong.append(f"{asked}: {fault!r}")
                connection.close()
                continue
            times_ms.append(1e3 * (time.perf_counter() - begun))
            if answer.status != 200:
                wrong.append(f"{asked}: {answer.status} {body[:200].decode(errors='replace')}")
        connection.close()

    threads = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    json.dump({"times_ms": times_ms, "wrong": wrong}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
