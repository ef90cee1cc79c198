/**
 * A classifier of two kinds of rows: gradient-boosted trees over histograms (Friedman 2001; Ke et al. 2017), with the
 * defaults of scikit-learn's HistGradientBoostingClassifier. It is strong on tables of numbers, so that rows it cannot
 * tell apart are hard to tell apart.
 */

/** Rows of equal length. */
type Rows = readonly (readonly number[])[];

const TREES = 100;
const LEARNING_RATE = 0.1;
const LEAVES = 31;
const FEWEST_ROWS = 20;
const MOST_BINS = 255;

/** Inner node: rows with a value up to `threshold` go left. Leaf: `value`. */
type Node = { feature: number; threshold: number; left: Node; right: Node } | { value: number };

interface Split {
  gain: number;
  feature: number;
  bin: number;
}

/** Sums of a leaf: gradients, Hessians and rows of each bin of each feature, one after another. */
type Histogram = Float64Array;

/** Places of a histogram that belong to one feature. */
const STRIDE = 256 * 3;

interface Leaf {
  rows: Int32Array;
  histogram: Histogram;
  split: Split | undefined;
  /** Puts what the leaf becomes into its parent. */
  place: (node: Node) => void;
}

/** Upper ends of the bins: midpoints between values, or quantiles where there are too many. */
function binEnds(rows: Rows, feature: number): number[] {
  const values = Float64Array.from(rows, (row) => row[feature]).sort();
  const distinct = [...values].filter((value, i) => i === 0 || value !== values[i - 1]);
  if (distinct.length <= MOST_BINS) return distinct.slice(1).map((value, i) => (value + distinct[i]) / 2);
  const ends = Array.from(
    { length: MOST_BINS - 1 },
    (_, i) => values[Math.floor((i + 1) / MOST_BINS * (values.length - 1))],
  );
  return [...new Set(ends)];
}

/** Place of the first end that is not below the value. */
function binOf(ends: readonly number[], value: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Those for which it is so, and the others. Loops here and below: the methods of typed arrays take five times as long. */
function partition(rows: Int32Array, isFirst: (row: number) => boolean): [Int32Array, Int32Array] {
  const first = new Int32Array(rows.length);
  const second = new Int32Array(rows.length);
  let [firsts, seconds] = [0, 0];
  for (let i = 0; i < rows.length; i++) {
    if (isFirst(rows[i])) first[firsts++] = rows[i];
    else second[seconds++] = rows[i];
  }
  return [first.subarray(0, firsts), second.subarray(0, seconds)];
}

/** What is left of a leaf's sums without those of a part of it. */
function difference(whole: Histogram, part: Histogram): Histogram {
  const rest = new Float64Array(whole.length);
  for (let i = 0; i < rest.length; i++) rest[i] = whole[i] - part[i];
  return rest;
}

/**
 * Learns to tell the rows of one kind from those of the other.
 *
 * @returns The score of a row: the larger, the more it looks like the first kind.
 */
export function learnToTell(first: Rows, second: Rows): (row: readonly number[]) => number {
  const rows = [...first, ...second];
  const features = rows[0].length;
  const ends = Array.from({ length: features }, (_, feature) => binEnds(rows, feature));
  const bins = ends.map((edges, feature) => {
    const own = new Uint8Array(rows.length);
    for (let i = 0; i < rows.length; i++) own[i] = binOf(edges, rows[i][feature]);
    return own;
  });
  const scores = new Float64Array(rows.length).fill(Math.log(first.length / second.length));
  const gradients = new Float64Array(rows.length);
  const hessians = new Float64Array(rows.length);

  const histogramOf = (members: Int32Array): Histogram => {
    const histogram = new Float64Array(features * STRIDE);
    const count = members.length;
    // gathered once, and then feature by feature: one feature's sums fit into the nearest cache, those of all do not
    const ownGradients = new Float64Array(count);
    const ownHessians = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      ownGradients[i] = gradients[members[i]];
      ownHessians[i] = hessians[members[i]];
    }
    for (let feature = 0; feature < features; feature++) {
      if (ends[feature].length === 0) continue; // constant
      const own = bins[feature];
      const base = feature * STRIDE;
      for (let i = 0; i < count; i++) {
        const at = base + own[members[i]] * 3;
        histogram[at] += ownGradients[i];
        histogram[at + 1] += ownHessians[i];
        histogram[at + 2]++;
      }
    }
    return histogram;
  };
  const varying = ends.findIndex((edges) => edges.length > 0);
  const total = (histogram: Histogram) => {
    let [g, h, n] = [0, 0, 0];
    for (let at = varying * STRIDE; at < (varying + 1) * STRIDE; at += 3) {
      g += histogram[at];
      h += histogram[at + 1];
      n += histogram[at + 2];
    }
    return { g, h, n };
  };
  const bestSplit = (histogram: Histogram): Split | undefined => {
    const { g, h, n } = total(histogram);
    let best: Split | undefined;
    for (let feature = 0; feature < features; feature++) {
      let leftG = 0;
      let leftH = 0;
      let leftN = 0;
      for (let bin = 0; bin < ends[feature].length; bin++) {
        const at = feature * STRIDE + bin * 3;
        leftG += histogram[at];
        leftH += histogram[at + 1];
        leftN += histogram[at + 2];
        if (leftN < FEWEST_ROWS) continue;
        if (n - leftN < FEWEST_ROWS) break;
        const gain = leftG ** 2 / leftH + (g - leftG) ** 2 / (h - leftH) - g ** 2 / h;
        if (gain > (best?.gain ?? 1e-7)) best = { gain, feature, bin };
      }
    }
    return best;
  };

  const growTree = (): Node => {
    let root: Node = { value: 0 };
    const all = Int32Array.from(rows, (_, i) => i);
    const histogram = histogramOf(all);
    const leaves: Leaf[] = [{
      rows: all,
      histogram,
      split: bestSplit(histogram),
      place: (node) => root = node,
    }];
    while (leaves.length < LEAVES) {
      const gainOf = ({ split }: Leaf) => split?.gain ?? 0;
      const widest = leaves.reduce((best, leaf) => gainOf(leaf) > gainOf(best) ? leaf : best);
      if (widest.split === undefined) break;
      const { feature, bin } = widest.split;
      const own = bins[feature];
      const [left, right] = partition(widest.rows, (row) => own[row] <= bin);
      const smaller = histogramOf(left.length < right.length ? left : right);
      const larger = difference(widest.histogram, smaller);
      const [leftHistogram, rightHistogram] = left.length < right.length
        ? [smaller, larger]
        : [larger, smaller];
      const node = {
        feature,
        threshold: ends[feature][bin],
        left: { value: 0 } as Node,
        right: { value: 0 } as Node,
      };
      widest.place(node);
      leaves.splice(
        leaves.indexOf(widest),
        1,
        {
          rows: left,
          histogram: leftHistogram,
          split: bestSplit(leftHistogram),
          place: (to) => node.left = to,
        },
        {
          rows: right,
          histogram: rightHistogram,
          split: bestSplit(rightHistogram),
          place: (to) => node.right = to,
        },
      );
    }
    for (const leaf of leaves) {
      const { g, h } = total(leaf.histogram);
      const value = -LEARNING_RATE * g / h;
      leaf.place({ value });
      for (let i = 0; i < leaf.rows.length; i++) scores[leaf.rows[i]] += value;
    }
    return root;
  };

  const trees: Node[] = [];
  for (let tree = 0; tree < TREES; tree++) {
    for (let i = 0; i < rows.length; i++) {
      const share = 1 / (1 + Math.exp(-scores[i]));
      gradients[i] = share - (i < first.length ? 1 : 0);
      hessians[i] = share * (1 - share);
    }
    trees.push(growTree());
  }
  return (row) =>
    trees.reduce((score, tree) => {
      let node = tree;
      while ("left" in node) node = row[node.feature] <= node.threshold ? node.left : node.right;
      return score + node.value;
    }, 0);
}

/** Area under the ROC curve: how often a score of the first kind is above one of the second (Mann & Whitney 1947). */
export function areaUnderCurve(first: readonly number[], second: readonly number[]): number {
  const all = [
    ...first.map((score) => ({ score, isFirst: true })),
    ...second.map((score) => ({ score, isFirst: false })),
  ].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  for (let i = 0; i < all.length;) {
    let end = i;
    while (end < all.length && all[end].score === all[i].score) end++;
    const rank = (i + 1 + end) / 2; // ties share their ranks
    for (; i < end; i++) if (all[i].isFirst) rankSum += rank;
  }
  return (rankSum - first.length * (first.length + 1) / 2) / (first.length * second.length);
}
