/** What a verdict measured and what was asked of it, in words for people. */

/** As much of a verdict as its words need. */
export interface Measured {
  readonly metric_value: number | null;
  readonly threshold_min: number | null;
  readonly threshold_max: number | null;
}

/** Digits of a number that a line shows. */
const DIGITS = 4;

/** The measured value; shortened, unless that would hide the verdict: 0.97998 seems to keep a rule of 0.98 when it is rounded to it. */
export function valueText({ metric_value, threshold_min, threshold_max }: Measured): string {
  if (metric_value === null) return "–";
  const keeps = (number: number) =>
    (threshold_min === null || number >= threshold_min) &&
    (threshold_max === null || number <= threshold_max);
  const short = Number(metric_value.toPrecision(DIGITS));
  return keeps(short) === keeps(metric_value)
    ? short.toLocaleString("en-US", { maximumSignificantDigits: DIGITS })
    : String(metric_value);
}

/** What it must be; empty where nothing is asked. */
export function thresholdText({ threshold_min: min, threshold_max: max }: Measured): string {
  if (min !== null && max !== null) return min === max ? String(min) : `${min} to ${max}`;
  if (min !== null) return `at least ${min}`;
  return max === null ? "" : `at most ${max}`;
}
