"""Trains on the files of a split alone and prints the error on its test set: rul_model.py boosting|ridge FOLDER."""

import sys
from pathlib import Path

import numpy
import pandas
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MODELS = {
    "boosting": HistGradientBoostingRegressor(max_iter=100, max_depth=4, random_state=0),
    "ridge": make_pipeline(StandardScaler(), Ridge(alpha=1000)),
}

model, folder = MODELS[sys.argv[1]], Path(sys.argv[2])


def read(side):
    x = pandas.read_csv(folder / f"X_{side}.csv", parse_dates=["timestamp"])
    y = pandas.read_csv(folder / f"y_{side}.csv")
    assert (x[["engine_id", "cycle"]] == y[["engine_id", "cycle"]]).all(axis=None), "X and y differ in their rows"
    return x.drop(columns=["engine_id", "cycle", "timestamp"]), y


x_train, y_train = read("train")
x_test, y_test = read("test")
model.fit(x_train, y_train["rul"])
predicted = numpy.clip(model.predict(x_test), 0, None)
capped, uncapped = (
    float(numpy.sqrt(numpy.mean((predicted - y_test[column]) ** 2))) for column in ("rul", "rul_uncapped")
)
print(
    f"{sys.argv[1]}, {x_train.shape[1]} features: {capped:.2f} against the capped labels, "
    f"{uncapped:.2f} against the published remaining lives"
)
