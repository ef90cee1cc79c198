"""scikit-learn's isolation forest on the readings of `deno task bench anomalies`, on one core.

argv: a file of float64 with the training rows, one with the rows to score, a file for the scores, seed. Prints one line of
JSON: fit_ms, score_ms. n_jobs is 1, and the caller sets OMP_NUM_THREADS to 1, too.
"""

import json
import sys
import time

import numpy as np
from sklearn.ensemble import IsolationForest

WIDTH = 14
train_file, rows_file, scores_file, seed = sys.argv[1:]
train = np.fromfile(train_file).reshape(-1, WIDTH)
rows = np.fromfile(rows_file).reshape(-1, WIDTH)

# what scikit-learn does once does not count
IsolationForest(n_estimators=10, n_jobs=1).fit(train[:1000]).decision_function(rows[:1000])

start = time.perf_counter()
forest = IsolationForest(n_estimators=100, max_samples=256, n_jobs=1, random_state=int(seed)).fit(train)
fitted = time.perf_counter()
scores = forest.decision_function(rows)
end = time.perf_counter()

(-forest.offset_ - scores).astype(float).tofile(scores_file)  # the score of the paper
print(json.dumps({"fit_ms": 1000 * (fitted - start), "score_ms": 1000 * (end - fitted)}))
