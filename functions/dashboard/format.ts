/** How numbers and times are written. Times are UTC, as in the database and its reports. */

const NONE = "–";

/** A number with so many decimals; – when there is none. */
export function number(value: number | null | undefined, decimals = 0): string {
  if (value === null || value === undefined) return NONE;
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A share as a percentage. Never rounded up to 100: almost complete is not complete. */
export function percent(share: number | null | undefined, decimals = 1): string {
  if (share === null || share === undefined) return NONE;
  const most = share < 1 ? 100 - 10 ** -decimals : 100;
  return `${number(Math.min(share * 100, share <= 1 ? most : Infinity), decimals)} %`;
}

/** 2024-01-31 06:00 */
export function moment(time: string | number | Date | null | undefined): string {
  if (time === null || time === undefined) return NONE;
  return new Date(time).toISOString().slice(0, 16).replace("T", " ");
}

/** 06:00:12 */
export function clock(time: string | number | Date): string {
  return new Date(time).toISOString().slice(11, 19);
}

/** A span in its largest fitting unit: 12 s, 3 min, 5 h, 2 d. */
export function span(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return NONE;
  const sign = seconds < 0 ? "−" : "";
  const size = Math.abs(seconds);
  if (size < 1) return `${sign}${Math.round(size * 1000)} ms`;
  if (size < 90) return `${sign}${number(size, size < 10 ? 1 : 0)} s`;
  if (size < 90 * 60) return `${sign}${Math.round(size / 60)} min`;
  if (size < 48 * 3600) return `${sign}${Math.round(size / 3600)} h`;
  return `${sign}${Math.round(size / 86_400)} d`;
}

/** How long ago a time was: 3 min ago. */
export function ago(time: string | number | Date | null | undefined, now = Date.now()): string {
  if (time === null || time === undefined) return NONE;
  const seconds = (now - new Date(time).getTime()) / 1000;
  return seconds < 0 ? `in ${span(-seconds)}` : `${span(seconds)} ago`;
}

/** 3 engines, 1 engine. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** A number with its sign: +1.2, −0.4. */
export function signed(value: number | null | undefined, decimals = 1): string {
  if (value === null || value === undefined) return NONE;
  return `${value < 0 ? "−" : "+"}${number(Math.abs(value), decimals)}`;
}
