"""The checks of one hourly run the way the plan began with: pull the rows, let pandas and scipy judge them, write what was
found back, so that a dashboard can show it.

argv: connection string, end of the window (ISO 8601). Prints one line of JSON: pull_ms, compute_ms, write_ms and what was
found. Writes to the tables of schema peer, which are like those of public.

It looks at the rows that run_checks looks at, and a competent hand wrote it: COPY instead of row-by-row fetching and
inserting, one pass of numpy over all rows or all engines, a Python loop only around scipy, which compares one pair of
samples a call. p is asymptotic, as that of run_checks; how long scipy's default takes instead, which is exact at these
sizes and several times as fast, is measured apart.

The fleet of the benchmark flies one operating condition, so that spikes and levels are looked for without making readings
of several comparable.

Left to run_checks alone: opening and resolving alerts, and comparing cohorts, which it only does when one has changed.
"""

import io
import json
import sys
import time

import numpy as np
import pandas as pd
import psycopg2
from scipy import stats

SETTINGS = ["altitude", "mach_number", "tra"]
SENSORS = ["s2", "s3", "s4", "s7", "s8", "s9", "s11", "s12", "s13", "s14", "s15", "s17", "s20", "s21"]
VALUES = SETTINGS + SENSORS

# sensors of one speed, and how far wear takes the two apart, as a share of what engines differ in
SHARE = {"s8": 0.3, "s13": 0.3, "s9": 0.14, "s14": 0.14}
TWIN = {"s8": "s13", "s13": "s8", "s9": "s14", "s14": "s9"}
share = np.array([SHARE.get(sensor, 1) for sensor in SENSORS])
has_twin = np.array([sensor in TWIN for sensor in SENSORS])
twin = np.array([SENSORS.index(TWIN.get(sensor, sensor)) for sensor in SENSORS])

url, as_of = sys.argv[1:]
connection = psycopg2.connect(url)
cursor = connection.cursor()
stats.ks_2samp(np.arange(10.0), np.arange(10.0), method="asymp")  # what scipy does once does not count


def read(query):
    buffer = io.StringIO()
    cursor.copy_expert(f"copy ({query}) to stdout (format csv, header)", buffer)
    buffer.seek(0)
    return pd.read_csv(buffer, dtype={"seconds": float})


def write(rows, table):
    buffer = io.StringIO()
    rows.to_csv(buffer, index=False, header=False)
    buffer.seek(0)
    cursor.copy_expert(f"copy {table} ({', '.join(rows.columns)}) from stdin (format csv)", buffer)


COLUMNS = ", ".join(f"reading.{column}" for column in VALUES)
SECONDS = """date_part('epoch', reading."timestamp") as seconds"""
WINDOW_START = f"date_trunc('hour', timestamptz '{as_of}' - interval '24 hours', 'UTC')"

# ---------------------------------------------------------------------------------------------------------- pull
start = time.perf_counter()
window = read(f"""
    select unit_number, reading.cycle, {SECONDS}, {COLUMNS}, date_part('epoch', reading.created_at) as arrived
    from sensor_data as reading
    join engines on engines.id = reading.engine_id
    where reading."timestamp" >= {WINDOW_START} and reading."timestamp" <= '{as_of}'
""")
before = read(f"""
    select unit_number, reading.cycle, {SECONDS}
    from engines
    cross join lateral (
        select * from sensor_data where engine_id = engines.id and "timestamp" < {WINDOW_START}
        order by "timestamp" desc limit 1
    ) as reading
""")
# of each engine its first 100 readings, and its latest 100
samples = read(f"""
    select unit_number, reading.part, reading.cycle, {SECONDS}, {COLUMNS}
    from engines
    cross join lateral (
        (select 0 as part, reading.* from sensor_data as reading
        where engine_id = engines.id order by "timestamp" limit 100)
        union all
        (select 1, reading.* from sensor_data as reading
        where engine_id = engines.id and "timestamp" <= '{as_of}' order by "timestamp" desc limit 100)
    ) as reading
""")
# the latest window first, and seven before it
volumes = read(f"""
    select count(*) as readings
    from sensor_data
    where "timestamp" >= {WINDOW_START} - 7 * interval '24 hours' and "timestamp" < {WINDOW_START} + interval '24 hours'
    group by date_bin('24 hours', "timestamp", {WINDOW_START})
    order by date_bin('24 hours', "timestamp", {WINDOW_START}) desc
""").readings
engines = read("select id, unit_number from engines where status = 'active'").set_index("unit_number").sort_index()
rules = read("select * from effective_expectations where dataset = 'FD001'")
conditions = read("select * from operating_conditions")
signature = read("select * from wear_signatures where dataset is null").set_index("column_name").reindex(SENSORS)
settings = read("select * from quality_settings").iloc[0]
arrived = read(f"""
    select coalesce(sum(received), 0) as received, coalesce(sum(rejected), 0) as rejected
    from batches where received_at >= {WINDOW_START} and received_at <= '{as_of}'
""").iloc[0]
copied = read(f"""
    select unit_number, sum(copied.value::bigint) as copies
    from batches
    cross join lateral jsonb_each_text(duplicates_by_engine) as copied
    join engines on engines.id = copied.key::uuid
    where received_at >= {WINDOW_START} and received_at <= '{as_of}'
    group by unit_number
""").set_index("unit_number").copies
declared = read("select table_name, column_name, data_type, not is_nullable as required from declared_columns")
live = read("""
    select relname as table_name, attname as column_name, format_type(atttypid, atttypmod) as data_type, attnotnull as required
    from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
""")
pulled = time.perf_counter()

# -------------------------------------------------------------------------------------------------------- compute
end = pd.Timestamp(as_of).timestamp()
begin = np.floor((end - 24 * 3600) / 3600) * 3600
bounds = {"window_start": begin, "window_end": end}
metrics = []


def rule_of(kind, column=None):
    found = rules[rules.kind == kind]
    return (found if column is None else found[found.column_name == column]).iloc[0]


def statuses(values, low, high, severity):
    broken = np.zeros(len(values), dtype=bool)
    if low is not None:
        broken |= np.asarray(values < low)
    if high is not None:
        broken |= np.asarray(values > high)
    return np.where(pd.isna(values), "not_evaluated", np.where(broken, severity, "pass"))


def about_table(kind, value, low=None, high=None, rows=0, column=None, severity=None, failing=0, **evidence):
    status = statuses(pd.Series([value]), low, high, severity or rule_of(kind).severity)[0]
    if status == "pass" and failing > 0:
        status = "warning"  # one engine that fails is never a pass of the table
    metrics.append((kind, column, None, value, low, high, status, rows, json.dumps({**bounds, **evidence})))


def about_engines(kind, values, low=None, high=None, rows=None, weights=None, keep_all=False, evidence=None, status=None):
    """Values by engine: a row for each that does not pass (or for all), and one about the table."""
    if status is None:
        status = statuses(values, low, high, rule_of(kind).severity)
    bad = np.isin(status, ["warning", "fail"])
    for i in range(len(values)) if keep_all else np.flatnonzero(bad):
        unit = values.index[i]
        metrics.append((
            kind, None, engines.id[unit], values.iloc[i], low, high, status[i], int(rows[i]),
            json.dumps({**bounds, **(evidence(i, unit) if evidence else {})}),
        ))
    total = values.max() if weights is None else (values * weights).sum() / weights.sum()
    worst = values[bad].sort_values(ascending=low is not None)[:20]
    about_table(
        kind, total, low, high, int(rows.sum()), failing=int(bad.sum()), engines=len(values),
        failing_count=int(bad.sum()), failing_engines=worst.to_dict(),
    )


def condition_of(readings):
    found = np.zeros(len(readings), dtype=int)
    for known in conditions.itertuples():
        inside = np.ones(len(readings), dtype=bool)
        for setting in SETTINGS:
            inside &= readings[setting].between(
                getattr(known, f"{setting}_min"), getattr(known, f"{setting}_max")
            ).to_numpy()
        found[inside] = known.condition
    return found


window = window.sort_values(["unit_number", "seconds", "cycle"], ignore_index=True)
window["condition"] = condition_of(window)
by_unit = window.groupby("unit_number")
received = by_unit.size()
baseline = samples[samples.part == 0].sort_values(["unit_number", "seconds"])
cadence = baseline.groupby("unit_number").seconds.diff().groupby(baseline.unit_number).median()

# steps from one reading to the next, the one into the window included
trail = pd.concat([before, window[["unit_number", "cycle", "seconds"]]]).sort_values(["unit_number", "seconds"], kind="stable")
trail["cadence"] = trail.unit_number.map(cadence)
trail["previous"] = trail.groupby("unit_number").seconds.shift()
trail["cycles"] = trail.groupby("unit_number").cycle.diff()
steps = trail.dropna(subset=["previous"])


def missed(previous, following, expected):
    due = np.floor((following - previous) / expected + 0.5) - 1
    return (due - np.maximum(0, np.ceil((begin - previous) / expected) - 1)).clip(lower=0)


# completeness: gaps between readings, and since the last one; freshness; volume
gaps = missed(steps.previous, steps.seconds, steps.cadence)
last = trail.groupby("unit_number").seconds.last().reindex(engines.index)
since = np.maximum(missed(last, end, cadence), end - last >= 1.5 * cadence)
lost = gaps.groupby(steps.unit_number).sum().reindex(engines.index, fill_value=0) + since
repeats = (steps.cycles == 0).groupby(steps.unit_number).sum().reindex(engines.index, fill_value=0)
came = received.reindex(engines.index, fill_value=0)
expected = came - repeats + lost
holes = steps[gaps > 0].groupby("unit_number")
about_engines(
    "completeness", 1 - lost / expected, low=rule_of("completeness")["min"], rows=came.to_numpy(), weights=expected,
    keep_all=True, evidence=lambda i, unit: {
        "cadence_seconds": cadence[unit], "expected": float(expected.iloc[i]), "missed": float(lost.iloc[i]),
        "silent_since": last.iloc[i] if came.iloc[i] == 0 else None,
        "gaps": holes.get_group(unit)[["previous", "seconds"]].head(20).to_dict("records") if unit in holes.groups else [],
    },
)
rule = rule_of("freshness")
about_table("freshness", (end - last.max()) / cadence.median(), high=rule["max"], rows=len(engines), newest=last.max())
rule = rule_of("volume")
about_table(
    "volume", volumes[0] / volumes[1:].median(), rule["min"], rule["max"], int(volumes[0]),
    windows_before=volumes[1:].tolist(),
)

# consecutive cycles, clocks, duplicates
rows = received.to_numpy()
advanced = (steps.seconds - steps.previous) / steps.cadence
skips = (steps.cycles != 1) & (steps.cycles != 0)
clocks = (steps.cycles < 0) | (
    (steps.cycles > 0) & ((advanced > 1.5 * steps.cycles + 2) | (advanced < 0.25 * steps.cycles))
)
for kind, broken in {"cycles": skips, "clock": clocks}.items():
    count = broken.groupby(steps.unit_number).sum().reindex(received.index, fill_value=0)
    listed = steps[broken].groupby("unit_number")
    about_engines(
        kind, 1 - count / received, low=1, rows=rows, weights=received,
        evidence=lambda i, unit: {"breaks": int(count.iloc[i]), "failing": listed.get_group(unit).head(20).to_dict("records")},
    )
repeated = window.duplicated(["unit_number", "cycle"], keep=False).groupby(window.unit_number).sum()
about_engines("duplicates", 1 - repeated / received, low=1, rows=rows, weights=received)

# arrival: later than three quarters of the engine's hours, half as much again, and half a cadence
window["delay"] = window.arrived - window.seconds
hourly = window.groupby(["unit_number", window.seconds // 3600]).delay.max().sort_values().sort_index(
    level=0, sort_remaining=False, kind="stable"
)
hours = hourly.groupby(level=0).size()
places = hours.cumsum() - hours + np.ceil(0.75 * hours).astype(int) - 1
usual = pd.Series(hourly.to_numpy()[places], index=hours.index).where(hours >= 8)
usual = usual.fillna(usual.fillna(hourly.groupby(level=0).max()).sort_values().iloc[(len(usual) - 1) // 2])
within = np.maximum(0, 1.5 * usual) + 0.5 * cadence.reindex(usual.index)
is_late = window.delay > window.unit_number.map(within)
late = is_late.groupby(window.unit_number).sum()
held_up = window[is_late].groupby("unit_number")
about_engines(
    "arrival", 1 - late / received, low=rule_of("arrival")["min"], rows=rows, weights=received,
    evidence=lambda i, unit: {
        "late": int(late[unit]), "expected_within_seconds": within[unit],
        "failing": held_up.get_group(unit)[["seconds", "cycle", "arrived"]].head(20).to_dict("records"),
    },
)

# copies: what arrived although it was there already
sent = received.add(copied, fill_value=0)
about_engines(
    "copies", copied.reindex(sent.index, fill_value=0) / sent, high=rule_of("copies")["max"], rows=sent.to_numpy(), weights=sent,
)

# readings: finite, in a known condition
values = window[VALUES].to_numpy()
infinite = pd.Series(np.isinf(values).any(axis=1)).groupby(window.unit_number).sum()
about_engines("types", 1 - infinite / received, low=1, rows=rows, weights=received)
unknown = (window.condition == 0).groupby(window.unit_number).sum()
about_engines(
    "conditions", 1 - unknown / received, low=rule_of("conditions")["min"], rows=rows, weights=received
)

# columns: missing, out of the range of their condition
ranges = rules[rules.kind == "range"].set_index(["condition", "column_name"])
low = ranges["min"].unstack().reindex(columns=VALUES).reindex(window.condition).to_numpy(dtype=np.float32)
high = ranges["max"].unstack().reindex(columns=VALUES).reindex(window.condition).to_numpy(dtype=np.float32)
outside = (values.astype(np.float32) < low) | (values.astype(np.float32) > high)
for kind, broken in {"nulls": np.isnan(values), "range": outside}.items():
    by_engine = pd.DataFrame(broken, columns=VALUES).groupby(window.unit_number).sum()
    looked_at = len(window) - (np.isnan(values).sum(axis=0) if kind == "range" else 0)
    for i, column in enumerate(VALUES):
        rule = rule_of(kind, column)
        where = np.flatnonzero(broken[:, i])[:20]
        share = 1 - broken[:, i].sum() / np.broadcast_to(looked_at, len(VALUES))[i]
        about_table(
            kind, share, low=rule.mostly, rows=int(np.broadcast_to(looked_at, len(VALUES))[i]), column=column,
            severity=rule.severity, failing=int((1 - by_engine[column] / received < rule.mostly).sum()),
            failing_readings=window.iloc[where][["unit_number", "cycle", "seconds", column]].to_dict("records"),
        )
    for unit, counts in by_engine[by_engine.any(axis=1)].iterrows():
        worst = 1 - counts.max() / received[unit]
        metrics.append((
            kind, None, engines.id[unit], worst, 1, None, "fail", int(received[unit]),
            json.dumps({**bounds, "columns": counts[counts > 0].to_dict()}),
        ))

# stuck sensors: the latest 21 readings of each engine are the same
latest = samples[samples.part == 1]
tail = latest.groupby("unit_number").head(int(rule_of("stuck")["max"]) + 1).groupby("unit_number")[SENSORS]
stuck = tail.min() == tail.max()
about_engines(
    "stuck", stuck.sum(axis=1), high=0, rows=tail.size().to_numpy(),
    evidence=lambda i, unit: {"sensors": stuck.columns[stuck.iloc[i]].tolist()},
)

# spikes: a reading of the latest 36 that is too far from their median, in the noise of their tenths
recent = latest.groupby("unit_number").head(36)
of_unit = recent.groupby("unit_number")[SENSORS]
lower, centre, upper = (of_unit.quantile(share) for share in (0.1, 0.5, 0.9))
first = samples[samples.part == 0].groupby("unit_number")[SENSORS]
deviations = first.std()
noise = ((upper - lower) / 2.5631).clip(lower=deviations.median(), axis=1)
units = recent.unit_number
away = (recent[SENSORS] - centre.loc[units].to_numpy()) / noise.loc[units].to_numpy()
limits = rules[rules.kind == "spikes"].set_index("column_name")["max"].reindex(SENSORS).to_numpy()
# and not because of what the engine did, which the other sensor of the same speed shows as well
tenths = ((upper - lower) / 2.5631).loc[units].to_numpy()
shown = ((recent[SENSORS] - centre.loc[units].to_numpy()) / tenths).to_numpy()[:, twin]
alike = np.where(has_twin & (shown * np.sign(away.to_numpy()) > 3), np.abs(shown), 0)
spiky = (away.abs() - alike > limits) & (away.abs() > limits) & (recent.seconds >= begin).to_numpy()[:, None]
with_spikes = spiky.groupby(units).any()
about_engines(
    "spikes", with_spikes.sum(axis=1), high=0, rows=of_unit.size().to_numpy(),
    evidence=lambda i, unit: {"sensors": [
        {
            "column": column,
            "readings": recent.loc[spiky.index[spiky[column] & (units == unit)], ["seconds", "cycle", column]].to_dict("records"),
        }
        for column in with_spikes.columns[with_spikes.loc[unit]]
    ]},
)


def wear_of(shifts, signature):
    """Of each row: the weighted median over the sensors of what each says by itself."""
    ratio = shifts / signature
    order = np.argsort(ratio, axis=1)
    weight = np.cumsum(np.abs(signature)[order], axis=1)
    middle = (weight >= weight[:, -1:] / 2).argmax(axis=1)
    return np.maximum(0, np.take_along_axis(ratio, order, 1)[np.arange(len(ratio)), middle])[:, None]


def shown_by_both(residual):
    """Of each row: what the two sensors of one speed show alike beyond wear, in the unit of either; 0 of the others."""
    other = (residual / spread)[:, twin] * spread
    same = has_twin & (residual * other > 0)
    return np.where(same, np.sign(residual) * np.minimum(np.abs(residual), np.abs(other)), 0)


# levels: the mean of the last ten readings, where the engine's first ones and its wear put it
moved, spread = signature["shift"].to_numpy(), signature.spread.to_numpy()
tail = latest.groupby("unit_number").head(10).groupby("unit_number")[SENSORS]
level = first.quantile(0.5, interpolation="lower")
typical = np.sqrt((deviations ** 2).median())
moves = ((tail.mean() - level) / typical).to_numpy()
errors = np.sqrt(1 / tail.count() + 1.57 / first.count()).to_numpy()
put = wear_of(moves, moved)
limits = rules[rules.kind == "levels"].set_index("column_name")["max"].reindex(SENSORS).to_numpy()
residual = moves - put * moved
is_off = np.abs(residual - shown_by_both(residual)) > limits * errors + 3 * put * spread * share
about_engines(
    "levels", pd.Series(is_off.sum(axis=1), index=level.index), high=0, rows=np.full(len(level), len(SENSORS)),
    evidence=lambda i, unit: {"sensors": [
        {"column": SENSORS[k], "shift": moves[i, k], "wear_shift": put[i, 0] * moved[k]} for k in np.flatnonzero(is_off[i])
    ]},
)

# what arrived, and the schema
rule = rule_of("rejected")
about_table(
    "rejected", arrived.rejected / arrived.received if arrived.received else np.nan, high=rule["max"],
    rows=int(arrived.received),
)
differences = declared.merge(live[live.table_name.isin(declared.table_name)], how="outer", indicator=True)
about_table("schema", float((differences._merge != "both").sum()), high=0, rows=len(declared))

# drift: KS and mean shift of each sensor of each engine against its baseline, in the conditions of the baseline
samples["condition"] = condition_of(samples)
flown = set(zip(samples.unit_number[samples.part == 0], samples.condition[samples.part == 0]))
known = [pair in flown for pair in zip(samples.unit_number, samples.condition)]
compared = samples[known].groupby(["unit_number", "part"])[SENSORS]
parts = {key: group.to_numpy() for key, group in compared}
results = [
    stats.ks_2samp(parts[unit, 0][:, i], parts[unit, 1][:, i], method="asymp")
    for unit in engines.index for i in range(len(SENSORS))
]
d = np.array([result.statistic for result in results]).reshape(-1, len(SENSORS))
p = np.array([result.pvalue for result in results]).reshape(-1, len(SENSORS))
mean, deviation, count = compared.mean(), compared.std(), compared.count()
shift = ((mean.xs(1, level=1) - mean.xs(0, level=1)) / deviation.xs(0, level=1)).reindex(engines.index).to_numpy()
n, m = (count.xs(part, level=1).reindex(engines.index).to_numpy() for part in (0, 1))


def benjamini_hochberg(p):
    """Along the last axis."""
    order = np.argsort(p, axis=-1)
    scaled = np.take_along_axis(p, order, -1) * p.shape[-1] / np.arange(1, p.shape[-1] + 1)
    q = np.empty_like(p)
    np.put_along_axis(q, order, np.minimum(1, np.minimum.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1]), -1)
    return q


q = benjamini_hochberg(p)
wear = wear_of(shift, moved)
least = rules[rules.kind == "drift"].set_index("column_name")["max"].reindex(SENSORS).to_numpy()
common = shown_by_both(shift - wear * moved)
off = np.abs(shift - wear * moved - common)
variance = 1 / n + 1 / m
paired = variance + np.where(has_twin, (variance / spread**2)[:, twin] * spread**2, 0)
tolerance = 3 * np.sqrt(paired) + 3 * np.maximum(wear, 0.05) * spread * share
is_worn = ((wear >= 0.05) | has_twin) & (off <= tolerance)
differs = (q < settings.drift_alpha) & (d >= least)
verdict = np.where(
    (wear >= 0.05) & (off > np.maximum(tolerance, least / 0.4)), "drift",
    np.where(~differs, "stable", np.where(is_worn, "degradation", "drift")),
)
verdict = np.where(np.minimum(n, m) < settings.least_readings, "insufficient_data", verdict)

# verdicts on engines: those that stand out from the fleet, and from their wear, fail; the others are suspected
drifting = pd.Series((verdict == "drift").sum(axis=1), index=engines.index)
is_certain = ((verdict == "drift") & ((wear < 0.05) | (off > 5 * np.sqrt(variance)))).any(axis=1)
fleet_q = benjamini_hochberg(np.where(np.isin(verdict, ["stable", "drift"]), q, 1).min(axis=1))
suspected = (drifting > 0).to_numpy() & ((fleet_q >= settings.drift_alpha) | ~is_certain)
times = latest.groupby("unit_number").seconds.agg(["min", "max"]).reindex(engines.index)


def sensors_with(what):
    return lambda i, unit: {
        "compared_from": times["min"].iloc[i], "compared_to": times["max"].iloc[i],
        "sensors": [
            {"column": SENSORS[k], "ks_statistic": d[i, k], "q_value": q[i, k], "mean_shift": shift[i, k]}
            for k in np.flatnonzero(verdict[i] == what)
        ],
    }


about_engines(
    "drift", drifting, high=0, rows=m.sum(axis=1), evidence=sensors_with("drift"),
    status=np.where(suspected, "warning", np.where(drifting > 0, "fail", "pass")),
)
about_engines(
    "degradation", pd.Series(wear[:, 0], index=engines.index), high=rule_of("degradation")["max"], rows=m.sum(axis=1),
    keep_all=True, evidence=sensors_with("degradation"),
)
done = time.perf_counter()

# ---------------------------------------------------------------------------------------------------------- write
cursor.execute("create temp table measured (like peer.sensor_drift) on commit drop")
write(pd.DataFrame({
    "engine_id": np.repeat(engines.id.to_numpy(), len(SENSORS)), "column_name": np.tile(SENSORS, len(engines)),
    "verdict": verdict.ravel(), "ks_statistic": d.ravel(), "p_value": p.ravel(), "q_value": q.ravel(),
    "mean_shift": shift.ravel(), "wear_shift": (wear * moved + common).ravel(), "wear": np.repeat(wear[:, 0], len(SENSORS)),
    "baseline_readings": n.ravel(), "window_readings": m.ravel(),
    "window_start": pd.to_datetime(np.repeat(times["min"].to_numpy(), len(SENSORS)), unit="s", utc=True),
    "window_end": pd.to_datetime(np.repeat(times["max"].to_numpy(), len(SENSORS)), unit="s", utc=True), "as_of": as_of,
}), "measured")
cursor.execute("""
    insert into peer.sensor_drift select * from measured
    on conflict (engine_id, column_name) do update set
        verdict = excluded.verdict, ks_statistic = excluded.ks_statistic, p_value = excluded.p_value,
        q_value = excluded.q_value, mean_shift = excluded.mean_shift, wear_shift = excluded.wear_shift,
        wear = excluded.wear, baseline_readings = excluded.baseline_readings,
        window_readings = excluded.window_readings, window_start = excluded.window_start,
        window_end = excluded.window_end, as_of = excluded.as_of
""")
written = pd.DataFrame(metrics, columns=[
    "metric_name", "column_name", "engine_id", "metric_value", "threshold_min", "threshold_max", "status", "rows_checked",
    "evidence",
])
written["table_name"], written["check_timestamp"] = "sensor_data", as_of
write(written, "peer.data_quality_metrics")
connection.commit()
stored = time.perf_counter()


def ks_ms(method):
    begun = time.perf_counter()
    for unit in engines.index[:100]:
        for i in range(len(SENSORS)):
            stats.ks_2samp(parts[unit, 0][:, i], parts[unit, 1][:, i], method=method)
    return (time.perf_counter() - begun) * 1000 * len(engines) / min(100, len(engines))


print(json.dumps({
    "pull_ms": (pulled - start) * 1000,
    "compute_ms": (done - pulled) * 1000,
    "exact_compute_ms": (done - pulled) * 1000 - ks_ms("asymp") + ks_ms("auto"),
    "write_ms": (stored - done) * 1000,
    "ks_statistics": d.sum(),
    "drifting": int((verdict == "drift").sum()),
    "verdicts": written.groupby(["metric_name", "status"]).size().rename_axis(["metric", "status"]).reset_index(name="rows")
        .to_dict("records"),
}))
