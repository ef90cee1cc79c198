/** Random numbers that are the same each time. */

/** Layers of the ziggurat. */
const LAYERS = 128;
/** Where its lowest layer ends and the tail begins, and the area of each layer: Marsaglia & Tsang 2000, for 128 layers. */
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;

/** Upper 25 bits of a draw, as a signed number: what a layer's width is a fraction of. */
const HALF_RANGE = 2 ** 24;

/** Of each layer: below which a draw is inside for certain, the width of a unit of it, the density at its edge. */
const INSIDE = new Int32Array(LAYERS);
const WIDTH = new Float64Array(LAYERS);
const DENSITY = new Float64Array(LAYERS);

{
  const density = (x: number) => Math.exp(-0.5 * x * x);
  const base = AREA / density(TAIL);
  INSIDE[0] = TAIL / base * HALF_RANGE;
  INSIDE[1] = 0;
  WIDTH[0] = base / HALF_RANGE;
  WIDTH[LAYERS - 1] = TAIL / HALF_RANGE;
  DENSITY[0] = 1;
  DENSITY[LAYERS - 1] = density(TAIL);
  let edge = TAIL;
  for (let layer = LAYERS - 2; layer >= 1; layer--) {
    const inner = Math.sqrt(-2 * Math.log(AREA / edge + density(edge)));
    INSIDE[layer + 1] = inner / edge * HALF_RANGE;
    WIDTH[layer] = inner / HALF_RANGE;
    DENSITY[layer] = density(inner);
    edge = inner;
  }
}

/**
 * A sequence of its own: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state. Sequences of different streams do
 * not overlap in practice, which those of a generator with 32 bits of state do for a fleet of a thousand engines.
 *
 * Mathematical functions of V8 are its own (fdlibm), so the numbers are the same on every machine.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /**
   * @param seed Whole number; the lower 32 bits count.
   * @param stream, substream Tell sequences of the same seed apart.
   */
  constructor(seed: number, stream = 0, substream = 0) {
    this.a = seed | 0;
    this.b = stream | 0;
    this.c = substream | 0;
    for (let round = 0; round < 15; round++) this.bits(); // until every bit depends on every other
  }

  /** 32 random bits, as a signed number. */
  private bits(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum;
  }

  /** From 0 up to 1, which it is not. */
  uniform(): number {
    return (this.bits() >>> 0) / 2 ** 32;
  }

  /** Normally distributed: mean 0, standard deviation 1. */
  normal(): number {
    const bits = this.bits();
    // the layer from other bits than the value: taken from the same, they would be correlated (Doornik 2005)
    const layer = bits & (LAYERS - 1);
    const value = bits >> 7;
    return Math.abs(value) < INSIDE[layer] ? value * WIDTH[layer] : this.outside(layer, value);
  }

  /** A draw that may be outside of the density: 1 in 80. */
  private outside(layer: number, value: number): number {
    for (;;) {
      const x = value * WIDTH[layer];
      if (layer === 0) {
        let beyond: number;
        let height: number;
        do {
          beyond = -Math.log(1 - this.uniform()) / TAIL;
          height = -Math.log(1 - this.uniform());
        } while (2 * height < beyond * beyond);
        return value > 0 ? TAIL + beyond : -TAIL - beyond;
      }
      if (
        DENSITY[layer] + this.uniform() * (DENSITY[layer - 1] - DENSITY[layer]) < Math.exp(-0.5 * x * x)
      ) return x;
      const bits = this.bits();
      layer = bits & (LAYERS - 1);
      value = bits >> 7;
      if (Math.abs(value) < INSIDE[layer]) return value * WIDTH[layer];
    }
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.uniform() * items.length)];
  }

  shuffled<T>(items: readonly T[]): T[] {
    const mixed = [...items];
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = Math.floor(this.uniform() * (i + 1));
      [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
    }
    return mixed;
  }
}
