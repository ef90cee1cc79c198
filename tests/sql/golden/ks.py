"""Golden values of the statistics in sql/52_measures, for tests/sql/ks_test.ts.

Made with Debian's scipy 1.10 and numpy; neither is needed to run the tests:

    /usr/bin/python3 tests/sql/golden/ks.py > tests/sql/golden/ks.json

Kolmogorov-Smirnov is scipy's. Benjamini-Hochberg, the analysis of variance and Kish's effective n are written here
from their definitions, because scipy 1.10 has none of them.
"""

import json

import numpy as np
from scipy.stats import ks_2samp, kstwo

SENSORS = ["s2", "s3", "s4", "s7", "s8", "s9", "s11", "s12", "s13", "s14", "s15", "s17", "s20", "s21"]
rng = np.random.default_rng(20240101)


def singles(values):
    """What Postgres' `real` makes of the values."""
    return np.asarray(values, dtype=np.float32).astype(float)


def decimals(values):
    """The values as they were before they were singles: short, and the same singles again."""
    return [round(float(x), 2) for x in values]


def benjamini_hochberg(p_values):
    """q of each p: the smallest level at which it is rejected."""
    p = np.asarray(p_values)
    order = np.argsort(p, kind="stable")
    m = len(p)
    q = np.empty(m)
    smallest = 1.0
    for rank in range(m, 0, -1):
        index = order[rank - 1]
        smallest = min(smallest, p[index] * m / rank)
        q[index] = smallest
    return q


def two_samples():
    normal = lambda n, mean=0.0, decimals=3: np.round(rng.normal(mean, 1, n), decimals)
    cases = {
        "identical": ((same := normal(60)), same),
        "identical but for their order": (same, same[::-1]),
        "constant, the same": (np.full(50, 5.0), np.full(70, 5.0)),
        "constant, another": (np.full(50, 5.0), np.full(50, 6.0)),
        "disjoint": (normal(55), normal(65, 100)),
        "heavy ties": (normal(200, decimals=0), normal(150, 0.5, decimals=0)),
        "two values": (rng.integers(0, 2, 80), rng.integers(0, 2, 90)),
        "one against one": ([1.0], [2.0]),
        "one against many": ([0.1], normal(50)),
        "three against three": ([1, 2, 3], [2, 3, 4]),
        "five against seven": (normal(5), normal(7, 1)),
        "unequal": (normal(1000), normal(50, 0.3)),
        "very unequal": (normal(1500), normal(8)),
        "large": (normal(2000), normal(1500, 0.03)),
        "large, shifted": (normal(1200), normal(1200, 0.4)),
        "another spread": (normal(100), np.round(rng.normal(0, 2, 100), 3)),
    }
    for size in (50, 100, 300):
        for shift in (0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 6):
            cases[f"{size} against {size}, shifted by {shift}"] = (normal(size), normal(size, shift))
    for name, (reference, current) in cases.items():
        found = ks_2samp(reference, current, method="asymp")
        n1, n2 = len(reference), len(current)
        yield {
            "name": name,
            "reference": sorted(float(x) for x in reference),
            "current": sorted(float(x) for x in current),
            "statistic": float(found.statistic),
            "effective_n": n1 * n2 / (n1 + n2),
            # scipy rounds n; of less than a half of a reading it has none
            "p_value": None if np.isnan(found.pvalue) else float(found.pvalue),
        }


def p_values():
    """scipy's p over a grid, as [n, D, p], down to 1e-20."""
    for n in (1, 2, 3, 4, 5, 8, 12, 25, 33, 50, 75, 100, 200, 399, 400, 401, 500, 1000, 5000, 50000, 1000000):
        for root in np.arange(0.2, 5.0, 0.1):
            d = float(root / np.sqrt(n))
            if d > 1:
                break
            p = float(kstwo.sf(d, n))
            if p >= 1e-20:  # below that nothing depends on it
                yield [n, d, float(f"{p:.6g}")]


def drifting_engine(size=60):
    """One engine, `size` readings of each sensor for the baseline and as many after it."""
    shifts = [0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, -0.5, -0.7, 1, -1.5, 2, 4]
    before = {s: singles(np.round(rng.normal(500, 2, size), 2)) for s in SENSORS}
    after = {s: singles(np.round(rng.normal(500 + 2 * d, 2, size), 2)) for s, d in zip(SENSORS, shifts)}
    tests = [ks_2samp(before[s], after[s], method="asymp") for s in SENSORS]
    q_values = benjamini_hochberg([test.pvalue for test in tests])
    return {
        "before": {s: decimals(before[s]) for s in SENSORS},
        "after": {s: decimals(after[s]) for s in SENSORS},
        "expected": {
            s: {
                "ks_statistic": float(test.statistic),
                "p_value": float(test.pvalue),
                "q_value": float(q),
                "mean_shift": float((after[s].mean() - before[s].mean()) / before[s].std(ddof=1)),
            }
            for s, test, q in zip(SENSORS, tests, q_values)
        },
    }


def intraclass_correlation(groups):
    """One-way analysis of variance of engines, within the groups of engines that are compared."""
    between = within = size = 0.0
    engines = readings = 0
    for group in groups:
        sizes = np.array([len(x) for x in group])
        everything = np.concatenate(group)
        between += sum(len(x) * (x.mean() - everything.mean()) ** 2 for x in group)
        within += sum(((x - x.mean()) ** 2).sum() for x in group)
        size += sizes.sum() - (sizes**2).sum() / sizes.sum()
        engines += len(group)
        readings += sizes.sum()
    between_mean = between / (engines - len(groups))
    within_mean = within / (readings - engines)
    usual_size = size / (engines - len(groups))
    return max(0.0, (between_mean - within_mean) / (between_mean + (usual_size - 1) * within_mean))


def effective(group, icc):
    """Kish 1965: n over the design effect, with the correlation of being below the median (Sheppard 1899)."""
    sizes = np.array([len(x) for x in group])
    return float(sizes.sum() / (1 + ((sizes**2).sum() / sizes.sum() - 1) * 2 / np.pi * np.arcsin(icc)))


def fleet(conditions):
    """Two groups of engines of unequal size. Values of a condition are compared in its standard deviations."""
    sizes = [int(n) for n in rng.integers(20, 60, 40) // len(conditions)]
    groups = [list(range(22)), list(range(22, 40))]
    spreads = [0, 0.3, 1, 0.7]
    moved = [0, 0.5, 0.4, 1.5]
    engines = [{"group": int(e >= 22), "values": {}} for e in range(40)]
    p_values, expected = [], {}
    for sensor, spread, shift in zip(SENSORS, spreads, moved):
        values = []
        for e, size in enumerate(sizes):
            offset = rng.normal(0, spread) + shift * (e >= 22)
            values.append({
                c: singles(np.round(rng.normal(offset, 1, size if c == 1 else size // 2 + c) * c * 3 + 100 * c, 2))
                for c in conditions
            })
            engines[e]["values"][sensor] = {c: sorted(decimals(x)) for c, x in values[-1].items()}
        scaled = [[] for _ in sizes]
        for c in conditions:
            readings = np.concatenate([v[c] for v in values])
            squares = sum(v[c].var(ddof=1) * (len(v[c]) - 1) for v in values)
            sd = np.sqrt(squares / sum(len(v[c]) - 1 for v in values))
            for e, v in enumerate(values):
                scaled[e].append((v[c] - readings.mean()) / sd)
        scaled = [np.concatenate(x) for x in scaled]
        before, after = ([scaled[e] for e in group] for group in groups)
        icc = intraclass_correlation([before, after])
        n1, n2 = effective(before, icc), effective(after, icc)
        d = float(ks_2samp(np.concatenate(before), np.concatenate(after), method="asymp").statistic)
        p_values.append(float(kstwo.sf(d, np.round(n1 * n2 / (n1 + n2)))))
        everything = np.concatenate(before)
        expected[sensor] = {
            "ks_statistic": d,
            "p_value": p_values[-1],
            "icc": icc,
            "reference_effective": n1,
            "current_effective": n2,
            "mean_shift": float((np.concatenate(after).mean() - everything.mean()) / everything.std(ddof=1)),
        }
    for sensor, q in zip(SENSORS, benjamini_hochberg(p_values)):
        expected[sensor]["q_value"] = float(q)
    return {"engines": engines, "expected": expected}


def wear():
    """The smallest possible sum of |shift - wear * signature|: it is reached at one of the sensors' own ratios."""
    for size in (1, 2, 3, 5, 14, 14, 14, 14):
        signature = np.round(rng.normal(0, 4, size), 2)
        shifts = np.round(signature * rng.uniform(0, 1) + rng.normal(0, 0.5, size), 2)
        if size == 14:
            shifts[rng.integers(0, 14)] += 20
        rests = [float(np.abs(shifts - ratio * signature).sum()) for ratio in shifts / signature]
        yield {"shifts": shifts.tolist(), "signature": signature.tolist(), "least": min(rests)}


golden = {
    "samples": list(two_samples()),
    "p_values": list(p_values()),
    "engine": drifting_engine(),
    "fleets": {"one condition": fleet([1]), "three conditions": fleet([1, 2, 3])},
    "wear": list(wear()),
}
compact = json.JSONEncoder(separators=(",", ":")).encode


def lines(value):
    """A case a line."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(compact, value)) + "]"
    return "{\n" + ",\n".join(f"{compact(key)}:{compact(part)}" for key, part in value.items()) + "}"


print("{" + ",\n".join(f"{compact(key)}:{lines(value)}" for key, value in golden.items()) + "}")
