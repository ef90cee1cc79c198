"""Golden values of the detectors in shared/anomaly, for the tests beside this folder.

Made with Debian's scikit-learn 1.2.1, scipy 1.10 and numpy 1.24; none is needed to run the tests:

    /usr/bin/python3 tests/shared/anomaly/golden/detectors.py > tests/shared/anomaly/golden/detectors.json

All data is made up. Forests are of 5,000 trees, so that what is compared are the algorithms and not two draws of them.
"""

import json

import numpy as np
from scipy.spatial.distance import mahalanobis
from sklearn.covariance import LedoitWolf
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(20240101)
WIDTH = 14  # sensors of a reading


def listed(values):
    """As JSON has it: NaN is null."""
    return [listed(x) if isinstance(x, np.ndarray) else None if np.isnan(x) else float(x) for x in values]


def forest(train, test, labels=None, max_samples="auto"):
    train, test = np.asarray(train, dtype=float), np.asarray(test, dtype=float)
    fitted = IsolationForest(n_estimators=5000, max_samples=max_samples, random_state=1).fit(train)
    scores = -fitted.score_samples(test)
    case = {
        "sample_size": None if max_samples == "auto" else max_samples,
        "train": listed(train),
        "test": listed(test),
        "scores": [round(float(x), 7) for x in scores],
    }
    if labels is not None:
        case["labels"] = [int(x) for x in labels]
        case["roc_auc"] = float(roc_auc_score(labels, scores))
    return case


def gaussian(rows, shift=0.0, width=6):
    mixing = np.tril(np.full((width, width), 0.5)) + np.eye(width) / 2
    return np.round(rng.normal(size=(rows, width)) @ mixing.T + shift, 2)


def forests():
    labels = np.repeat([0, 1], [250, 100])
    shifted = np.vstack([gaussian(250), gaussian(100, 3.0)])
    constant = gaussian(400)
    constant[:, [0, 3, 4]] = [5.0, 0.0, -7.5]
    constant_test = np.vstack([gaussian(250), gaussian(100, 3.0)])
    constant_test[:, [0, 3]] = [5.0, 0.0]  # the third is no longer what it was, and nobody has asked for it
    ties = rng.poisson(1.0, size=(400, 4)).astype(float)
    ties_test = np.vstack([rng.poisson(1.0, size=(250, 4)), rng.poisson(3.0, size=(100, 4))])
    return {
        "correlated, a tenth of its rows a sample": forest(gaussian(600), shifted, labels, 60),
        "more rows than a sample": forest(gaussian(600), shifted, labels),
        "fewer rows than a sample": forest(gaussian(40), shifted, labels),
        "constant features": forest(constant, constant_test, labels),
        "ties": forest(ties, ties_test, labels),
        "identical rows": forest(np.full((300, 3), 1.25), [[1.25, 1.25, 1.25], [9.0, 9.0, 9.0]]),
        "one row": forest([[1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0], [9.0, 9.0, 9.0]]),
        "two rows": forest([[1.0, 2.0], [3.0, 5.0]], [[1.0, 2.0], [3.0, 5.0], [-50.0, -50.0], [50.0, 50.0]]),
    }


def contamination():
    train = gaussian(200)
    fitted = IsolationForest(contamination=0.13, random_state=1).fit(train)
    return {"share": 0.13, "scores": listed(-fitted.score_samples(train)), "threshold": float(-fitted.offset_)}


def readings(rows, conditions, shift=0.0):
    """Rows of sensors, their means and sizes by condition."""
    mixing = np.tril(np.full((WIDTH, WIDTH), 0.3)) + np.eye(WIDTH)
    values = rng.normal(size=(rows, WIDTH)) @ mixing.T + shift
    of = np.arange(rows) % conditions + 1
    values = values * (10.0 ** (np.arange(WIDTH) % 4 - 1)) * of[:, None] + 500.0 * of[:, None]
    return np.asarray(np.round(values, 3), dtype=np.float32).astype(float), of


def distances(train, train_conditions, test, test_conditions):
    scalers = {
        condition: StandardScaler().fit(train[train_conditions == condition])
        for condition in np.unique(train_conditions)
    }

    def standardised(values, conditions):
        z = np.empty_like(values)
        for condition, scaler in scalers.items():
            z[conditions == condition] = scaler.transform(values[conditions == condition])
        return z

    z = np.nan_to_num(standardised(train, train_conditions))
    varying = np.flatnonzero(np.any(z != 0, axis=0))
    fitted = LedoitWolf(assume_centered=True).fit(z[:, varying])
    result = []
    for row in standardised(test, test_conditions)[:, varying]:
        there = np.flatnonzero(~np.isnan(row))
        inverse = np.linalg.inv(fitted.covariance_[np.ix_(there, there)])
        distance = mahalanobis(row[there], np.zeros(len(there)), inverse)
        result.append(distance * np.sqrt(len(varying) / len(there)))
    return {
        "train": listed(train),
        "train_conditions": train_conditions.tolist(),
        "test": listed(test),
        "test_conditions": test_conditions.tolist(),
        "standardised": listed(standardised(test, test_conditions)),
        "shrinkage": float(fitted.shrinkage_),
        "distances": result,
    }


def mahalanobis_cases():
    def case(rows, conditions, change=lambda values: None, change_test=lambda values: None):
        train, train_conditions = readings(rows, conditions)
        test, test_conditions = readings(12, conditions, 1.0)
        change(train)
        change(test)
        change_test(test)
        return distances(train, train_conditions, test, test_conditions)

    def collinear(values):
        values[:, 5] = 2 * values[:, 4]
        values[:, 9] = -values[:, 4]

    def constant(values):
        values[:, [2, 7]] = 41.5

    def missing(values):
        for row in range(len(values)):
            values[row, (np.arange(row % 6) * 3 + row) % WIDTH] = np.nan

    return {
        "one condition": case(60, 1),
        "two conditions": case(90, 2),
        "fewer rows than sensors": case(12, 1),
        "collinear sensors": case(60, 1, collinear),
        "constant sensors": case(60, 1, constant),
        "missing sensors": case(60, 1, lambda values: None, missing),
        "missing sensors in training too": case(60, 1, missing, missing),
    }


def auc_cases():
    def case(positives, negatives):
        labels = [1] * len(positives) + [0] * len(negatives)
        scores = list(positives) + list(negatives)
        return {
            "positives": listed(np.asarray(positives, dtype=float)),
            "negatives": listed(np.asarray(negatives, dtype=float)),
            "roc_auc": float(roc_auc_score(labels, scores)),
        }

    return {
        "apart": case([5, 6, 7], [1, 2]),
        "the wrong way round": case([1, 2], [5, 6]),
        "all equal": case([1, 1, 1], [1, 1]),
        "overlapping": case(np.round(rng.normal(1, 1, 60), 3), np.round(rng.normal(0, 1, 90), 3)),
        "heavy ties": case(rng.integers(0, 5, 70), rng.integers(0, 4, 80)),
    }


path_lengths = [1, 2, 3, 4, 10, 100, 256, 1000, 20000]
print(
    json.dumps(
        {
            "path_lengths": [[n, float(c)] for n, c in zip(path_lengths, _average_path_length(np.array(path_lengths)))],
            "forests": forests(),
            "contamination": contamination(),
            "mahalanobis": mahalanobis_cases(),
            "roc_auc": auc_cases(),
        }
    )
)
