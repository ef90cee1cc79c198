/**
 * Gradient boosting of regression trees over histograms (Friedman 2001; Ke et al. 2017), for squared errors. One tree with
 * a learning rate of 1 is the regression tree of Breiman et al. 1984.
 */

import { Random } from "../random.ts";

/** Rows of numbers, row by row; NaN where a value is missing. */
export interface Table {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** How trees are grown. */
export interface BoostingSettings {
  readonly trees: number;
  /** Splits between the root and a leaf, at most. */
  readonly depth: number;
  /** Share of what a tree finds that is believed. */
  readonly learningRate: number;
  /** Fewest rows of a leaf. */
  readonly leafRows: number;
  /** Share of the rows that each tree is grown from. */
  readonly rowShare: number;
  /** Share of the columns that each tree may split by. */
  readonly columnShare: number;
  /** Values of a column that are told apart, at most 255: beyond as many, quantiles. */
  readonly bins: number;
  readonly seed: number;
}

/**
 * Trees, node after node. A node's left child follows it; `right` says where its right child is. A row goes left when its
 * value is at most `threshold`, and where `missingLeft` says when it has none. In a leaf `column` is -1, and `threshold`
 * what it adds.
 */
export interface BoostedTrees {
  /** What every row begins with. */
  readonly base: number;
  /** First node of each tree. */
  readonly roots: readonly number[];
  readonly column: readonly number[];
  readonly threshold: readonly number[];
  readonly right: readonly number[];
  readonly missingLeft: readonly number[];
}

/** Bin of missing values; the others count from 1. */
const MISSING = 0;

/**
 * Digits of thresholds and leaves: what is stored is what was trained, and a model is a third of the size that all digits
 * would give it.
 */
const DIGITS = 7;

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

/** Upper ends of the bins of a column: midpoints between its values, or quantiles where there are too many. */
function binEnds({ rows, columns, values }: Table, column: number, most: number): Float64Array {
  const own = new Float64Array(rows);
  let present = 0;
  for (let row = 0; row < rows; row++) {
    const value = values[row * columns + column];
    if (!Number.isNaN(value)) own[present++] = value;
  }
  const sorted = own.subarray(0, present).sort();
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  if (distinct.length <= most) {
    return Float64Array.from({ length: Math.max(0, distinct.length - 1) }, (_, i) => {
      return rounded((distinct[i] + distinct[i + 1]) / 2);
    });
  }
  const ends = Array.from(
    { length: most - 1 },
    (_, i) => rounded(sorted[Math.floor((i + 1) / most * (present - 1))]),
  );
  return Float64Array.from(new Set(ends));
}

/** Bin of a value: 1 and how many ends are below it. */
function binOf(ends: Float64Array, value: number): number {
  if (Number.isNaN(value)) return MISSING;
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low + 1;
}

interface Split {
  readonly gain: number;
  readonly column: number;
  readonly bin: number;
  readonly missingLeft: boolean;
}

/** Sums and rows of each bin of each column, two numbers a bin. */
type Histogram = Float64Array;

/** Numbers of a histogram that belong to one column. */
const STRIDE = 256 * 2;

/**
 * Grows trees, each on what those before it have left over.
 *
 * @param table What is known of each row.
 * @param targets What is to be predicted of it.
 */
export function growTrees(table: Table, targets: Float64Array, settings: BoostingSettings): BoostedTrees {
  const { rows, columns, values } = table;
  const random = new Random(settings.seed);
  const ends = Array.from({ length: columns }, (_, column) => binEnds(table, column, settings.bins));
  const bins = ends.map((edges, column) => {
    const own = new Uint8Array(rows);
    for (let row = 0; row < rows; row++) own[row] = binOf(edges, values[row * columns + column]);
    return own;
  });
  const base = rounded(targets.reduce((sum, target) => sum + target, 0) / rows);
  const residuals = targets.map((target) => target - base);
  const model = {
    base,
    roots: [] as number[],
    column: [] as number[],
    threshold: [] as number[],
    right: [] as number[],
    missingLeft: [] as number[],
  };
  const gathered = new Float64Array(rows);

  const histogramOf = (members: Int32Array, chosen: readonly number[]): Histogram => {
    const histogram = new Float64Array(columns * STRIDE);
    for (let i = 0; i < members.length; i++) gathered[i] = residuals[members[i]];
    for (const column of chosen) {
      const own = bins[column];
      const start = column * STRIDE;
      for (let i = 0; i < members.length; i++) {
        const at = start + own[members[i]] * 2;
        histogram[at] += gathered[i];
        histogram[at + 1]++;
      }
    }
    return histogram;
  };

  const bestSplit = (histogram: Histogram, count: number, sum: number, chosen: readonly number[]) => {
    let best: Split | undefined;
    const whole = sum * sum / count;
    for (const column of chosen) {
      const start = column * STRIDE;
      const missingSum = histogram[start];
      const missingCount = histogram[start + 1];
      // without missing values both ways are the same
      for (const missingLeft of missingCount > 0 ? [true, false] : [false]) {
        let left = missingLeft ? missingSum : 0;
        let leftCount = missingLeft ? missingCount : 0;
        for (let bin = 1; bin <= ends[column].length; bin++) {
          const at = start + bin * 2;
          left += histogram[at];
          leftCount += histogram[at + 1];
          const rightCount = count - leftCount;
          if (leftCount < settings.leafRows) continue;
          if (rightCount < settings.leafRows) break;
          const gain = left * left / leftCount + (sum - left) * (sum - left) / rightCount - whole;
          if (gain > (best?.gain ?? 1e-9)) {
            // where nothing was missing, what is missing later goes with most of the rows
            best = {
              gain,
              column,
              bin,
              missingLeft: missingCount > 0 ? missingLeft : leftCount > rightCount,
            };
          }
        }
      }
    }
    return best;
  };

  const addNode = (members: Int32Array, histogram: Histogram, depth: number, chosen: readonly number[]) => {
    const node = model.column.length;
    let sum = 0;
    for (let i = 0; i < members.length; i++) sum += residuals[members[i]];
    const split = depth < settings.depth ? bestSplit(histogram, members.length, sum, chosen) : undefined;
    model.column.push(split?.column ?? -1);
    model.right.push(0);
    model.missingLeft.push(split?.missingLeft ? 1 : 0);
    if (split === undefined) {
      model.threshold.push(rounded(settings.learningRate * sum / members.length));
      return;
    }
    model.threshold.push(ends[split.column][split.bin - 1]);
    const own = bins[split.column];
    const left = new Int32Array(members.length);
    const right = new Int32Array(members.length);
    let [lefts, rights] = [0, 0];
    for (let i = 0; i < members.length; i++) {
      const bin = own[members[i]];
      if (bin === MISSING ? split.missingLeft : bin <= split.bin) left[lefts++] = members[i];
      else right[rights++] = members[i];
    }
    const leftMembers = left.subarray(0, lefts);
    const rightMembers = right.subarray(0, rights);
    // a leaf needs no histogram
    const isLast = depth + 1 >= settings.depth;
    const smaller = isLast ? histogram : histogramOf(lefts < rights ? leftMembers : rightMembers, chosen);
    const larger = isLast ? histogram : histogram.map((whole, i) => whole - smaller[i]);
    addNode(leftMembers, lefts < rights ? smaller : larger, depth + 1, chosen);
    model.right[node] = model.column.length;
    addNode(rightMembers, lefts < rights ? larger : smaller, depth + 1, chosen);
  };

  const allRows = Int32Array.from({ length: rows }, (_, row) => row);
  const allColumns = Array.from({ length: columns }, (_, column) => column).filter((column) =>
    ends[column].length > 0
  );
  const chosenColumns = Math.max(1, Math.round(settings.columnShare * allColumns.length));
  for (let tree = 0; tree < settings.trees && allColumns.length > 0; tree++) {
    const members = settings.rowShare < 1
      ? allRows.filter(() => random.uniform() < settings.rowShare)
      : allRows;
    if (members.length === 0) continue;
    const chosen = chosenColumns < allColumns.length
      ? random.shuffled(allColumns).slice(0, chosenColumns)
      : allColumns;
    const root = model.column.length;
    model.roots.push(root);
    addNode(members, histogramOf(members, chosen), 0, chosen);
    for (let row = 0; row < rows; row++) {
      let node = root;
      while (model.column[node] >= 0) {
        const value = values[row * columns + model.column[node]];
        const goesLeft = Number.isNaN(value) ? model.missingLeft[node] === 1 : value <= model.threshold[node];
        node = goesLeft ? node + 1 : model.right[node];
      }
      residuals[row] -= model.threshold[node];
    }
  }
  return model;
}

/** What the trees predict of each row. */
export function predictWithTrees(trees: BoostedTrees, { rows, columns, values }: Table): Float64Array {
  const column = Int16Array.from(trees.column);
  const threshold = Float64Array.from(trees.threshold);
  const right = Int32Array.from(trees.right);
  const missingLeft = Uint8Array.from(trees.missingLeft);
  const predicted = new Float64Array(rows).fill(trees.base);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (const root of trees.roots) {
      let node = root;
      while (column[node] >= 0) {
        const value = values[start + column[node]];
        const goesLeft = Number.isNaN(value) ? missingLeft[node] === 1 : value <= threshold[node];
        node = goesLeft ? node + 1 : right[node];
      }
      predicted[row] += threshold[node];
    }
  }
  return predicted;
}
