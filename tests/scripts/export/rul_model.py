"""Trains on the files of a split alone and prints the error on its test set: rul_model.py FOLDER.

Capped: against the labels as they are capped. Uncapped: against the published remaining lives.
"""

import sys
from pathlib import Path

import numpy
import pandas
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

folder = Path(sys.argv[1])


def read(side):
    x = pandas.read_csv(folder / f"X_{side}.csv", parse_dates=["timestamp"])
    y = pandas.read_csv(folder / f"y_{side}.csv")
    assert (x[["engine_id", "cycle"]] == y[["engine_id", "cycle"]]).all(axis=None), "X and y differ in their rows"
    return x.drop(columns=["engine_id", "cycle", "timestamp"]), y


x_train, y_train = read("train")
x_test, y_test = read("test")

for name, model in (
    ("ridge", make_pipeline(StandardScaler(), Ridge(alpha=1000))),
    ("gradient boosting", HistGradientBoostingRegressor(max_iter=100, max_depth=4, random_state=0)),
):
    model.fit(x_train, y_train["rul"])
    predicted = numpy.clip(model.predict(x_test), 0, None)
    rmse = {
        label: float(numpy.sqrt(numpy.mean((predicted - y_test[column]) ** 2)))
        for label, column in (("capped", "rul"), ("uncapped", "rul_uncapped"))
    }
    print(f"{name}: {rmse['capped']:.2f} capped, {rmse['uncapped']:.2f} uncapped, {len(y_test)} test rows")
