"""Golden values of the models in shared/rul, for the tests beside this folder.

Made with Debian's scikit-learn 1.2.1 and numpy 1.24; neither is needed to run the tests:

    /usr/bin/python3 tests/shared/rul/golden/models.py > tests/shared/rul/golden/models.json

All data is made up. What is compared are predictions of the rows that were trained on: they say which rows share a leaf.
Between two rows of a node scikit-learn's exact trees split half way, and histograms at one of the values that other rows
have there, so that a row in between may go either way.

Boosting with missing values is HistGradientBoostingRegressor with fewer rows than bins, so that its
splits are exact, too.
"""

import json

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeRegressor

rng = np.random.default_rng(20240101)


def rows(count, columns=4):
    return np.round(rng.normal(size=(count, columns)), 3)


def truth(x):
    x = np.nan_to_num(x, nan=0.5)
    return np.round(50 + 20 * np.tanh(x[:, 0]) - 10 * (x[:, 1] > 0.3) + 3 * x[:, 2] * x[:, 0] + rng.normal(size=len(x)), 3)


def listed(values):
    return [None if np.isnan(value) else float(value) for value in np.asarray(values).ravel()]


def case(model, missing=0.0, **settings):
    train = rows(240)
    train[rng.random(train.shape) < missing] = np.nan
    targets = truth(train)
    model.fit(train, targets)
    return {
        "settings": settings,
        "train": listed(train),
        "targets": listed(targets),
        "predicted": [round(float(value), 9) for value in model.predict(train)],
    }


ridge_x = rows(50, 5)
ridge_x[:, 4] = ridge_x[:, 3] + 0.001 * ridge_x[:, 4]  # nearly the same column twice
ridge_y = truth(ridge_x)
ridges = []
for penalty in (0.01, 3, 1000):
    fitted = Ridge(alpha=penalty, solver="cholesky").fit(ridge_x, ridge_y)
    ridges.append({"penalty": penalty, "intercept": float(fitted.intercept_), "weights": listed(fitted.coef_)})

print(json.dumps({
    "tree": case(
        DecisionTreeRegressor(max_depth=4, min_samples_leaf=5, random_state=0),
        trees=1, depth=4, learningRate=1, leafRows=5,
    ),
    "boosting": case(
        GradientBoostingRegressor(
            n_estimators=40, learning_rate=0.1, max_depth=3, min_samples_leaf=20, criterion="squared_error", random_state=0
        ),
        trees=40, depth=3, learningRate=0.1, leafRows=20,
    ),
    "missing": case(
        HistGradientBoostingRegressor(
            max_iter=10, learning_rate=0.3, max_depth=3, max_leaf_nodes=None, min_samples_leaf=20, early_stopping=False
        ),
        missing=0.2, trees=10, depth=3, learningRate=0.3, leafRows=20,
    ),
    "ridge": {"columns": 5, "values": listed(ridge_x), "targets": listed(ridge_y), "fitted": ridges},
}, separators=(",", ":")))
