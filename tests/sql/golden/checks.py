"""Golden values of the checks spikes and levels, for tests/sql/check_statistics_test.ts.

Made with Debian's numpy; it is not needed to run the tests:

    /usr/bin/python3 tests/sql/golden/checks.py > tests/sql/golden/checks.json

Written engine by engine from the definitions in the heads of sql/54_checks/check_spikes.sql and check_levels.sql, and
not from their queries. Reading i of an engine is of hour i; the last hour of all is 47.
"""

import json

import numpy as np

SENSORS = ["s2", "s3", "s4", "s7"]
HOURS = 48
WINDOW = 24
rng = np.random.default_rng(20240606)


def singles(values):
    """What Postgres' `real` makes of the values."""
    return np.asarray(values, dtype=np.float32).astype(float)


def engine(name, hours=range(HOURS), conditions=(1,), change=None):
    """Readings of an engine; the condition moves every sensor, and scales its noise."""
    flown = [int(conditions[h % len(conditions)]) for h in hours]
    values = {
        sensor: [
            round(float(500 + 40 * place + 90 * c + offset + rng.normal(0, 1 + c / 2)), 2)
            for c in flown
        ]
        for place, (sensor, offset) in enumerate(zip(SENSORS, rng.normal(0, 1, len(SENSORS))))
    }
    made = {"name": name, "hours": list(hours), "conditions": flown, "values": values}
    if change is not None:
        change(made["values"])
    return made


def put(sensor, place, value):
    def change(values):
        values[sensor][place] = value
    return change


def together(*changes):
    def change(values):
        for each in changes:
            each(values)
    return change


def constant(sensor, spike=None):
    def change(values):
        values[sensor] = [500.0] * len(values[sensor])
        if spike is not None:
            values[sensor][-3] = spike
    return change


def fill(sensor, places, value):
    return together(*(put(sensor, place, value) for place in places))


def finite(values):
    """None stands for null, "NaN" for what is not a number."""
    return np.array([np.nan if v is None else float(v) for v in values])


def columns(made, until, last=None, first=None):
    """Readings up to an hour: hours, conditions, values by sensor; the earliest first."""
    kept = [i for i, hour in enumerate(made["hours"]) if hour <= until]
    kept = kept[-last:] if last else kept[:first]
    take = lambda values: np.array([values[i] for i in kept])
    return take(made["hours"]), take(made["conditions"]), {
        s: singles(finite([made["values"][s][i] for i in kept])) for s in SENSORS
    }


def tenths(values):
    return np.percentile(values, [10, 50, 90])


def received(fleet, until):
    """Engines with a reading in the window, which begins and ends with a reading."""
    return [made for made in fleet if any(until - WINDOW <= hour <= until for hour in made["hours"])]


def spikes(fleet, baselines, until, limit):
    """By engine: readings that were looked at, and the deviations of those beyond the limit, by sensor."""
    fleet = received(fleet, until)
    scale = {}
    for s in SENSORS:
        pooled = {}
        for made in fleet:
            _, flown, values = columns(made, until, last=36)
            if len(set(flown)) > 1:
                for c in set(flown) - {0}:
                    pooled.setdefault(int(c), []).extend(v for v in values[s][flown == c] if np.isfinite(v))
        for c, values in pooled.items():
            low, centre, high = tenths(values) if len(values) >= 12 else (0, 0, 0)
            if high > low:
                scale[s, c] = centre, (high - low) / 2.5631
    reference = {}
    for b in baselines:
        reference.setdefault((b["sensor"], b["condition"]), []).append(b["sd"])
    reference = {key: float(np.median(sds)) for key, sds in reference.items()}
    found = {}
    for made in fleet:
        hours, flown, values = columns(made, until, last=36)
        sensors = {}
        for s in SENSORS:
            x = values[s]
            known = reference.get((s, int(flown[0])))
            if len(set(flown)) > 1:
                centres = np.array([scale.get((s, int(c)), (np.nan, 1)) for c in flown])
                x = (x - centres[:, 0]) / centres[:, 1]
                known = [sd / scale[s, c][1] for (sensor, c), sd in reference.items() if sensor == s and (s, c) in scale]
                known = float(np.mean(known)) if known else None
            good = x[np.isfinite(x)]
            if len(good) < 20 or good.max() - good.min() <= (5.5 * known if known else 0):
                continue
            low, centre, high = tenths(good)
            noise = max((high - low) / 2.5631, known or 0)
            if noise == 0:
                continue
            beyond = limit * (1 if known else 1 + 8 / len(good))
            away = [
                [int(h), float((v - centre) / noise)]
                for h, v in zip(hours, x) if h >= until - WINDOW and abs(v - centre) > noise * beyond
            ]
            if away:
                sensors[s] = away
        found[made["name"]] = {"rows": len(hours), "enough": len(hours) >= 20, "sensors": sensors}
    return found


def wear_of(shifts, signature):
    """The factor that leaves the smallest sum of absolute rests; of two as good the smaller one."""
    ratios = sorted(a / b for a, b in zip(shifts, signature))
    rests = [sum(abs(a - r * b) for a, b in zip(shifts, signature)) for r in ratios]
    return max(0.0, ratios[int(np.argmin(np.round(rests, 12)))])


def levels(fleet, baselines, signature, until):
    """By engine: shift, wear's part of it, and by how many standard errors the rest is beyond what engines differ in."""
    fleet = received(fleet, until)
    first = {}  # engine, sensor, condition: n, median, variance
    for made in fleet:
        known = [b for b in baselines if b["name"] == made["name"]]
        for b in known:
            x = np.sort(singles(b["values"]))
            first[made["name"], b["sensor"], b["condition"]] = len(x), x[(len(x) - 1) // 2], b["sd"] ** 2
        if known:
            continue
        _, flown, values = columns(made, until, first=30)
        for s in SENSORS:
            for c in set(flown) - {0}:
                x = values[s][(flown == c) & np.isfinite(values[s])]
                if len(x) > 0:
                    first[made["name"], s, int(c)] = len(x), np.median(x), np.var(x, ddof=1) if len(x) > 1 else np.nan
    reference = {}
    for s in SENSORS:
        for c in range(1, 7):
            those = [v for (_, sensor, condition), v in first.items() if (sensor, condition) == (s, c) and v[0] > 2]
            if those and sum(v[0] - 1 for v in those) >= 20:
                sd = float(np.sqrt(np.median([v[2] for v in those])))
                if sd > 0:
                    reference[s, c] = float(np.median([v[1] for v in those])), sd
    found = {}
    for made in fleet:
        name = made["name"]
        learned = any(b["name"] == name for b in baselines)
        hours, flown, values = columns(made, until, last=10)
        overlap = not learned and len(columns(made, until)[0]) < 40
        sensors = {}
        for s in [] if overlap else SENSORS:
            before, after = [], []
            for c in range(1, 7):
                if (s, c) not in reference:
                    continue
                centre, sd = reference[s, c]
                if (name, s, c) in first:
                    n, median, _ = first[name, s, c]
                    before.append((n, (median - centre) / sd))
                x = values[s][(flown == c) & np.isfinite(values[s])]
                if len(x) > 0:
                    after.append((len(x), (x.mean() - centre) / sd))
            n, m = sum(b[0] for b in before), sum(a[0] for a in after)
            if n >= 20 and m >= 8:
                sensors[s] = {
                    "shift": float(np.average([a[1] for a in after], weights=[a[0] for a in after])
                                   - np.average([b[1] for b in before], weights=[b[0] for b in before])),
                    "error": float(np.sqrt(1 / m + 1.57 / n)),
                }
        worn = [s for s in sensors if s in signature]
        wear = wear_of([sensors[s]["shift"] for s in worn], [signature[s]["shift"] for s in worn]) if worn else 0.0
        for s, sensor in sensors.items():
            known = signature.get(s, {"shift": 0, "spread": 0})
            sensor["wear_shift"] = wear * known["shift"]
            rest = abs(sensor["shift"] - sensor["wear_shift"]) - 3 * wear * known["spread"]
            sensor["errors"] = rest / sensor.pop("error")
        found[name] = sensors
    return found


SIX = [1, 2, 3, 4, 5, 6]
# value 2,000 is a spike wherever it stands
one_condition = [
    engine("SPIKE", change=put("s2", -5, 2000.0)),
    engine("OLD_SPIKE", change=put("s2", 5, 2000.0)),  # not of the latest 36
    engine("WINDOW_START", change=together(put("s2", -26, 2000.0), put("s3", -25, 2000.0))),
    engine("NINETEEN", range(HOURS - 19, HOURS), change=put("s2", -5, 2000.0)),
    engine("TWENTY", range(HOURS - 20, HOURS), change=put("s2", -5, 2000.0)),
    engine("CONSTANT", change=together(constant("s2"), constant("s3", 2000.0))),
    engine("NULLS", change=together(fill("s2", range(-36, -18), None), fill("s3", range(-34, -18), "NaN"), put("s3", -5, 2000.0))),
    engine("TWO", change=together(put("s4", -1, 2000.0), put("s4", -2, -1000.0), put("s7", -4, 2000.0))),
    engine("THIRTY_NINE", range(HOURS - 39, HOURS)),
    engine("FORTY", range(HOURS - 40, HOURS)),
    engine("SILENT", range(20)),
    # 20 and 19 values among the first thirty readings
    engine("GAPS", change=together(fill("s2", range(20, 30), None), fill("s3", range(19, 30), None))),
]
six_conditions = [engine(f"SIX_{i}", conditions=SIX[i:] + SIX[:i]) for i in range(4)] + [
    engine("ANOTHER_MIX", conditions=[1, 1, 2, 3], change=put("s3", -7, 2000.0)),
    engine("UNKNOWN", conditions=[1, 2, 0, 3, 4, 5, 6], change=put("s2", -2, 2000.0)),
    engine("MOSTLY_UNKNOWN", conditions=[0, 1, 0, 2]),
    engine("ONE_OF_SIX", conditions=[2], change=put("s7", -2, 2000.0)),
    engine("SHIFTED", conditions=SIX, change=lambda values: values.update(
        s4=values["s4"][:-10] + [round(v + 9, 2) for v in values["s4"][-10:]]
    )),
]
alone = [engine("ALONE", change=put("s3", -4, 2000.0))]


def baselines_of(fleet, size=100):
    """Stored baselines of every second engine, by condition and sensor."""
    for made in fleet[::2]:
        for c in sorted(set(made["conditions"]) - {0}):
            for place, s in enumerate(SENSORS):
                n = max(4, size // len(set(made["conditions"])))
                values = [round(float(v), 2) for v in 500 + 40 * place + 90 * c + rng.normal(0, 1 + c / 2, n)]
                yield {
                    "name": made["name"], "condition": c, "sensor": s, "values": values,
                    "mean": float(singles(values).mean()), "sd": float(singles(values).std(ddof=1)),
                }


SIGNATURE = {"s2": {"shift": 2.0, "spread": 0.3}, "s3": {"shift": 2.5, "spread": 0.2}, "s4": {"shift": -1.5, "spread": 0.4}}
cases = []
for name, fleet in {"one condition": one_condition, "six conditions": six_conditions, "one engine": alone}.items():
    for known in ([], list(baselines_of(fleet))):
        for until in (HOURS - 1, HOURS - 4):
            cases.append({
                "name": f"{name}, {'stored baselines' if known else 'no baseline'}, until hour {until}",
                "fleet": name, "until": until, "baselines": known, "signature": SIGNATURE if known else {},
                "spikes": {str(limit): spikes(fleet, known, until, limit) for limit in (7, 0.5)},
                "levels": levels(fleet, known, SIGNATURE if known else {}, until),
            })
compact = json.JSONEncoder(separators=(",", ":")).encode
lines = lambda values: "[\n" + ",\n".join(map(compact, values)) + "]"
fleets = {"one condition": one_condition, "six conditions": six_conditions, "one engine": alone}
print(
    '{"fleets":{\n' + ",\n".join(f"{compact(name)}:{lines(fleet)}" for name, fleet in fleets.items())
    + '},\n"cases":' + lines(cases) + "}"
)
