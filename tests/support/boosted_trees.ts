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

/** Sums of a leaf by feature and bin: gradients, Hessians, rows. */
interface Histogram {
  gradients: Float64Array;
  hessians: Float64Array;
  counts: Int32Array;
}

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

/**
 * Learns to tell the rows of one kind from those of the other.
 *
 * @returns The score of a row: the larger, the more it looks like the first kind.
 */
export function learnToTell(first: Rows, second: Rows): (row: readonly number[]) => number {
  const rows = [...first, ...second];
  const features = rows[0].length;
  const ends = Array.from({ length: features }, (_, feature) => binEnds(rows, feature));
  const bins = ends.map((edges, feature) => Uint8Array.from(rows, (row) => binOf(edges, row[feature])));
  const scores = new Float64Array(rows.length).fill(Math.log(first.length / second.length));
  const gradients = new Float64Array(rows.length);
  const hessians = new Float64Array(rows.length);

  const histogramOf = (members: Int32Array): Histogram => {
    const histogram = {
      gradients: new Float64Array(features * 256),
      hessians: new Float64Array(features * 256),
      counts: new Int32Array(features * 256),
    };
    for (let feature = 0; feature < features; feature++) {
      const own = bins[feature];
      const base = feature * 256;
      for (let i = 0; i < members.length; i++) {
        const row = members[i];
        const at = base + own[row];
        histogram.gradients[at] += gradients[row];
        histogram.hessians[at] += hessians[row];
        histogram.counts[at]++;
      }
    }
    return histogram;
  };
  const difference = (whole: Histogram, part: Histogram): Histogram => ({
    gradients: whole.gradients.map((sum, i) => sum - part.gradients[i]),
    hessians: whole.hessians.map((sum, i) => sum - part.hessians[i]),
    counts: whole.counts.map((count, i) => count - part.counts[i]),
  });
  const total = ({ gradients, hessians, counts }: Histogram) => {
    let g = 0;
    let h = 0;
    let n = 0;
    for (let bin = 0; bin < 256; bin++) {
      g += gradients[bin];
      h += hessians[bin];
      n += counts[bin];
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
        const at = feature * 256 + bin;
        leftG += histogram.gradients[at];
        leftH += histogram.hessians[at];
        leftN += histogram.counts[at];
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
      let widest: Leaf | undefined;
      for (const leaf of leaves) {
        if (leaf.split && leaf.split.gain > (widest?.split!.gain ?? 0)) widest = leaf;
      }
      if (widest === undefined) break;
      const { feature, bin } = widest.split!;
      const own = bins[feature];
      const left = widest.rows.filter((row) => own[row] <= bin);
      const right = widest.rows.filter((row) => own[row] > bin);
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
      for (const row of leaf.rows) scores[row] += value;
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
