/** From readings to samples: what a model is given at once, and what it should answer. */

/** A reading of an engine whose life is known. */
export interface LabelledReading {
  readonly unitNumber: string;
  readonly cycle: number;
  /** Microseconds since 1970. */
  readonly timestamp: bigint;
  /** In the order of VALUE_COLUMNS. */
  readonly values: readonly (number | null)[];
  /** Cycles left after it. */
  readonly left: number;
  readonly batchId: string;
}

/** A row of X and y. */
export interface Sample {
  /** The reading that it ends with: the label is its. */
  readonly last: LabelledReading;
  /** All of its readings, oldest first; always as many as the window is long. */
  readonly window: readonly LabelledReading[];
  /** How many at the end of the window are in no earlier sample; the batches are counted by them. */
  readonly fresh: number;
}

/**
 * Makes the samples of one engine after the other, from its readings in the order of their time.
 *
 * An engine with fewer readings than the window has one sample, at its last reading: the window is filled in front with
 * its first one. Leaving it out would change a test set that others are measured with (FD002 and FD004 have test engines
 * of 21 and 19 cycles).
 */
export class Samples {
  private readings: LabelledReading[] = [];
  /** Readings of the engine since its last sample. */
  private fresh = 0;
  private made = 0;
  private filledEngines = 0;

  /**
   * @param length Readings of a window; 1: each reading by itself.
   * @param lastOnly Only the last sample of each engine.
   */
  constructor(private readonly length: number, private readonly lastOnly: boolean) {}

  /** Engines whose only window had to be filled. */
  get filled(): number {
    return this.filledEngines;
  }

  /** Takes the engine's next reading; gives the sample that ends with it, if there is one. */
  add(reading: LabelledReading): Sample | undefined {
    this.readings.push(reading);
    if (this.readings.length > this.length) this.readings.shift();
    this.fresh = Math.min(this.fresh + 1, this.length);
    return this.lastOnly || this.readings.length < this.length ? undefined : this.take();
  }

  /** The engine has no more readings; gives its last sample where it has not been given. */
  endEngine(): Sample | undefined {
    let sample: Sample | undefined;
    if (this.readings.length > 0 && this.made === 0) {
      const missing = this.length - this.readings.length;
      if (missing > 0) this.filledEngines++;
      this.readings = [...Array<LabelledReading>(missing).fill(this.readings[0]), ...this.readings];
      sample = this.take();
    }
    this.readings = [];
    this.fresh = 0;
    this.made = 0;
    return sample;
  }

  private take(): Sample {
    const sample = { last: this.readings[this.length - 1], window: [...this.readings], fresh: this.fresh };
    this.fresh = 0;
    this.made++;
    return sample;
  }
}
