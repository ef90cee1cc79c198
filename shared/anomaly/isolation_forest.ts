/**
 * Isolation forest (Liu, Ting & Zhou 2008), as scikit-learn 1.2 has it: trees of random cuts in which few cuts are enough
 * to tell a reading from all others when it is unlike them.
 */

import { Buffer } from "node:buffer";
import { z } from "zod";
import { Random } from "../random.ts";

/** Euler's constant, as the paper's approximation of harmonic numbers has it. */
const EULER = 0.5772156649015329;

/** In place of a feature: the node is a leaf. */
const LEAF = 255;

/**
 * Mean length of the path to where a search in a binary tree of n values ends without success: c(n) of the paper, with
 * the values for one and two that scikit-learn has.
 *
 * @example
 * ```ts
 * import { averagePathLength } from "./isolation_forest.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(averagePathLength(256).toFixed(4), "10.2448");
 * ```
 */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + EULER) - 2 * (n - 1) / n;
}

export interface ForestOptions {
  readonly seed: number;
  /** Number of trees: 100 unless given. */
  readonly trees?: number;
  /** Rows that each tree is grown from, drawn without replacement: 256, or all where there are fewer. */
  readonly sampleSize?: number;
}

export const DEFAULT_TREES = 100;
export const DEFAULT_SAMPLE_SIZE = 256;

export const ForestContent = z.object({
  width: z.int().min(1).max(LEAF),
  sample_size: z.int().min(1),
  trees: z.int().min(1),
  /** Base64 of a byte a node, tree after tree, each node before its left side and that before its right: feature or 255. */
  features: z.string(),
  /** Base64 of a float (little endian) a node: where it is cut, or how many rows are in the leaf. */
  numbers: z.string(),
});

/** One forest, all trees of it in a few arrays: nodes of a tree follow each other, a node's left side follows it. */
export class IsolationForest {
  /** Divisor of the mean path length: c(ψ). */
  private readonly normaliser: number;

  private constructor(
    readonly width: number,
    readonly sampleSize: number,
    /** First node of each tree. */
    private readonly roots: Int32Array,
    /** Of each node: which feature it cuts, or that it is a leaf. */
    private readonly features: Uint8Array,
    /** Of each node: rows up to here go left; of a leaf: length of the path to it, with that of its rows' own. */
    private readonly numbers: Float64Array,
    /** Of each node: where its right side begins. */
    private readonly rights: Int32Array,
    /** Of each leaf: how many rows it has. */
    private readonly sizes: Float32Array,
  ) {
    this.normaliser = averagePathLength(sampleSize);
  }

  /**
   * Grows a forest.
   *
   * @param values Finite numbers, row by row.
   * @param width Number of features, at most 255.
   */
  static fit(values: Float64Array, width: number, options: ForestOptions): IsolationForest {
    const rows = values.length / width;
    const trees = options.trees ?? DEFAULT_TREES;
    const sampleSize = Math.min(options.sampleSize ?? DEFAULT_SAMPLE_SIZE, rows);
    if (rows < 1) throw new RangeError("Cannot grow a forest as there must be rows: current value is 0");
    const grower = new Grower(width, sampleSize, trees, new Random(options.seed));
    const places = Int32Array.from({ length: rows }, (_, row) => row);
    const sample = new Float64Array(sampleSize * width);
    for (let tree = 0; tree < trees; tree++) {
      // the first steps of a shuffle; places stay mixed between trees, which is as good as in order
      for (let i = 0; i < sampleSize; i++) {
        const other = i + Math.floor(grower.random.uniform() * (rows - i));
        const row = places[other];
        places[other] = places[i];
        places[i] = row;
        for (let feature = 0; feature < width; feature++) {
          sample[i * width + feature] = values[row * width + feature];
        }
      }
      grower.tree(sample);
    }
    return IsolationForest.ofNodes(
      width,
      sampleSize,
      trees,
      grower.features.slice(0, grower.nodes),
      grower.numbers.slice(0, grower.nodes),
    );
  }

  /** Derives what the shape of the trees says. */
  private static ofNodes(
    width: number,
    sampleSize: number,
    trees: number,
    features: Uint8Array,
    stored: Float32Array,
  ): IsolationForest {
    const nodes = features.length;
    const roots = new Int32Array(trees);
    const numbers = new Float64Array(nodes);
    const rights = new Int32Array(nodes);
    let node = 0;
    // nodes whose left side is being read, and whose right side is still to come
    const open: number[] = [];
    const openDepths: number[] = [];
    for (let tree = 0; tree < trees; tree++) {
      roots[tree] = node;
      let depth = 0;
      for (;;) {
        if (node >= nodes) throw new RangeError("Cannot read a forest as its trees must be whole");
        if (features[node] !== LEAF) {
          numbers[node] = stored[node];
          open.push(node++);
          openDepths.push(++depth);
          continue;
        }
        numbers[node] = depth + averagePathLength(stored[node]);
        node++;
        if (open.length === 0) break;
        rights[open.pop()!] = node;
        depth = openDepths.pop()!;
      }
    }
    if (node !== nodes) throw new RangeError("Cannot read a forest as nothing must follow its last tree");
    return new IsolationForest(width, sampleSize, roots, features, numbers, rights, stored);
  }

  /** @param content What `toContent` gave. */
  static fromContent(content: z.output<typeof ForestContent>): IsolationForest {
    const { width, sample_size, trees } = content;
    const features = Uint8Array.from(Buffer.from(content.features, "base64"));
    const bytes = Uint8Array.from(Buffer.from(content.numbers, "base64"));
    const most = features.reduce((most, feature) => feature === LEAF ? most : Math.max(most, feature), 0);
    if (bytes.length !== 4 * features.length || most >= width) {
      throw new RangeError("Cannot read a forest as its nodes must be whole and cut one of its features");
    }
    return IsolationForest.ofNodes(width, sample_size, trees, features, new Float32Array(bytes.buffer));
  }

  /** What it is made of, for JSON. */
  toContent(): z.input<typeof ForestContent> {
    // what a leaf's length is made of is kept and not the length, which a float does not hold
    const stored = this.sizes;
    return {
      width: this.width,
      sample_size: this.sampleSize,
      trees: this.roots.length,
      features: Buffer.from(this.features).toString("base64"),
      numbers: Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).toString("base64"),
    };
  }

  /**
   * Anomaly score of each row, 2^(−E(h)/c(ψ)): near 1 for what is told from others by few cuts, below 0.5 for what is
   * in their midst. The larger, the less like them; scikit-learn's `score_samples` is its negative.
   *
   * @param values Finite numbers, row by row.
   */
  scores(values: Float64Array): Float64Array {
    const { width, roots, features, numbers, rights, normaliser } = this;
    const rows = values.length / width;
    const lengths = new Float64Array(rows);
    // tree by tree: one of them fits into the fastest cache, all of them do not
    for (let tree = 0; tree < roots.length; tree++) {
      const root = roots[tree];
      for (let row = 0, base = 0; row < rows; row++, base += width) {
        let node = root;
        for (let feature = features[node]; feature !== LEAF; feature = features[node]) {
          node = values[base + feature] <= numbers[node] ? node + 1 : rights[node];
        }
        lengths[row] += numbers[node];
      }
    }
    for (let row = 0; row < rows; row++) {
      // a forest of one row has no paths to compare: scikit-learn says 0.5 too
      const relative = normaliser === 0 ? 1 : lengths[row] / roots.length / normaliser;
      lengths[row] = 2 ** -relative;
    }
    return lengths;
  }
}

/** Grows trees, one after the other. */
class Grower {
  features: Uint8Array;
  /** Cut, or number of rows of a leaf. Cuts are rounded here, so that a forest that was stored is the same. */
  numbers: Float32Array;
  nodes = 0;
  private readonly mostDepth: number;
  /** Rows of the sample, those of a node next to each other. */
  private readonly rows: Int32Array;
  private sample: Float64Array = new Float64Array(0);

  constructor(
    private readonly width: number,
    private readonly sampleSize: number,
    trees: number,
    readonly random: Random,
  ) {
    const most = trees * (2 * sampleSize - 1);
    this.features = new Uint8Array(most);
    this.numbers = new Float32Array(most);
    this.mostDepth = Math.ceil(Math.log2(Math.max(sampleSize, 2)));
    this.rows = new Int32Array(sampleSize);
  }

  tree(sample: Float64Array): void {
    this.sample = sample;
    for (let i = 0; i < this.sampleSize; i++) this.rows[i] = i;
    const candidates = Uint8Array.from({ length: this.width }, (_, feature) => feature);
    this.grow(0, this.sampleSize, 0, candidates);
  }

  private add(feature: number, number: number): void {
    this.features[this.nodes] = feature;
    this.numbers[this.nodes] = number;
    this.nodes++;
  }

  /** @param candidates Features that are not known to be constant in the node. */
  private grow(from: number, until: number, depth: number, candidates: Uint8Array): void {
    const { sample, rows, width, random } = this;
    const left = candidates.slice();
    // a feature that is constant in the node cannot cut it: another one is drawn, until one can
    for (let count = depth < this.mostDepth && until - from > 1 ? left.length : 0; count > 0;) {
      const drawn = Math.floor(random.uniform() * count);
      const feature = left[drawn];
      let least = Infinity;
      let most = -Infinity;
      for (let i = from; i < until; i++) {
        const value = sample[rows[i] * width + feature];
        if (value < least) least = value;
        if (value > most) most = value;
      }
      const cut = Math.fround(least + random.uniform() * (most - least));
      // rounded, it may be beyond either of two values that are next to each other: none is between them then
      if (least <= cut && cut < most) {
        let middle = from;
        for (let i = from; i < until; i++) {
          const row = rows[i];
          if (sample[row * width + feature] > cut) continue;
          rows[i] = rows[middle];
          rows[middle++] = row;
        }
        this.add(feature, cut);
        const usable = left.subarray(0, count);
        this.grow(from, middle, depth + 1, usable);
        this.grow(middle, until, depth + 1, usable);
        return;
      }
      left[drawn] = left[--count];
    }
    this.add(LEAF, until - from);
  }
}
