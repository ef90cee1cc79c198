"""The peer of the simulator: the one of the plan this project grew from, without its sleep.

A plain loop over cycles and engines; a reading is base + degradation * cycle + numpy's normal noise, in a dict.
simulate_peer.py ENGINES CYCLES prints {"readings", "ms"}: the time of the loop, without starting Python.
"""

import json
import sys
import time
from datetime import datetime, timedelta, timezone

import numpy as np

COLUMNS = ["altitude", "mach_number", "tra", "s2", "s3", "s4", "s7", "s8", "s9", "s11", "s12", "s13", "s14", "s15",
           "s17", "s20", "s21"]
BASE = np.array([0, 0, 100, 642.4, 1587, 1402, 554, 2388.05, 9056, 47.3, 521.9, 2388.05, 8137, 8.42, 392, 38.9, 23.36])
DEGRADATION = np.array([0, 0, 0, 1.4, 16, 27, -2.6, 0.18, 44, 0.84, -2.2, 0.18, 31, 0.11, 4.3, -0.52, -0.31]) / 200
NOISE = np.array([0.002, 0.0003, 0, 0.3, 4, 4, 0.4, 0.03, 4.2, 0.1, 0.3, 0.03, 3.2, 0.02, 0.9, 0.1, 0.06])

engines, cycles = int(sys.argv[1]), int(sys.argv[2])
np.random.seed(1)
names = [f"ENGINE_{number:03d}" for number in range(1, engines + 1)]
first = datetime(2024, 1, 1, tzinfo=timezone.utc)
readings = 0
start = time.perf_counter()
for cycle in range(1, cycles + 1):
    timestamp = (first + timedelta(hours=cycle)).isoformat()
    for name in names:
        values = BASE + DEGRADATION * cycle + np.random.normal(0, NOISE)
        reading = {"engine_id": name, "cycle": cycle, "timestamp": timestamp, **dict(zip(COLUMNS, values.tolist()))}
        readings += len(reading) > 0
print(json.dumps({"readings": readings, "ms": (time.perf_counter() - start) * 1000}))
