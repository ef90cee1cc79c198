/** Where simulated readings go. */

import type { Reading } from "../../shared/reading.ts";

/** What has become of the readings so far. */
export interface TargetCounts {
  /** As the target answered. */
  readonly accepted: number;
  /** Null where it does not say. */
  readonly duplicates: number | null;
  readonly rejected: number;
  /** What was sent again after a failure: requests to ingest, records to Kinesis. */
  readonly retries: number;
  /** What the target said of the first readings it rejected. */
  readonly rejections: readonly string[];
}

/** Takes readings. */
export interface Target {
  /** What people call it: the address of an endpoint, the path of a file. */
  readonly name: string;
  /**
   * Hands over readings, in the order in which they are to arrive. Settles when they are there.
   *
   * @throws {NotSentError} When they cannot be handed over, however often it is tried.
   * @throws {TargetClosed} When nobody wants any more.
   */
  send(readings: readonly Reading[]): Promise<void>;
  counts(): TargetCounts;
  /** Ends well: what was sent is complete. Throws as {@link send} does. */
  close(): Promise<void>;
}

/** Readings could not be handed over; the message tells why. */
export class NotSentError extends Error {
  override readonly name = "NotSentError";
}

/** The reader has gone, as `head` does when it has seen enough. Not a failure. */
export class TargetClosed extends Error {
  override readonly name = "TargetClosed";
}

/** Of a target that takes what it is given. */
export function taken(count: number): TargetCounts {
  return { accepted: count, duplicates: 0, rejected: 0, retries: 0, rejections: [] };
}

/** One reading a line. */
export function ndjson(readings: readonly unknown[]): string {
  let text = "";
  for (const reading of readings) text += JSON.stringify(reading) + "\n";
  return text;
}
