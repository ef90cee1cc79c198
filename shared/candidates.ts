/** What a door hands to the intake: readings nobody has looked at yet, and the way back to their text. */

/** Stands in a candidate's place when its text could not even be decoded. */
export class Undecodable {
  /** Text that Postgres can hold. */
  readonly reason: string;
  /** Place of the fault in the reading, `s11` for example; empty when it is the whole reading. */
  readonly path: string;

  /**
   * @param reason Why not: "Cannot read X as Y must be Z". What it quotes of a parser's message may be half a
   *   character or a NUL, and is replaced.
   */
  constructor(reason: string, path = "") {
    this.path = path;
    this.reason = reason.toWellFormed().replaceAll("\0", "\ufffd");
  }
}

/**
 * What identifies the record of a stream that a reading came in, as far as it is known: `stream`,
 * `sequence_number`, `partition_key`, `event_id`, `arrived_at`, `request_id`, `index`.
 */
export type RecordIdentity = Readonly<Record<string, string | number>>;

/** A list of candidate readings, in the order they arrived. */
export interface Candidates {
  /** Decoded but not validated; an {@link Undecodable} where decoding failed. */
  readonly values: readonly unknown[];
  /**
   * The JSON text to keep of candidate `index` if it is rejected: exactly what arrived where that was JSON,
   * and otherwise its text as a JSON string. Called only for rejected candidates, and without `this`: it should
   * hold on to the text, not to `values`.
   */
  readonly payload: (index: number) => string;
  /**
   * Where candidate `index` was in the event that brought it, `records[3].data` for example: the faults of a
   * rejected one are named from there. Without it they are named from the reading itself.
   */
  readonly place?: (index: number) => string;
  /** The record that candidate `index` came in, where the door has records. */
  readonly record?: (index: number) => RecordIdentity;
}

/** A place inside another one: `[1]` in `data` is `data[1]`, and `s11` in it is `data[1].s11`. */
export function joinPlaces(outer: string, inner: string): string {
  if (outer === "" || inner === "" || inner.startsWith("[")) return outer + inner;
  return `${outer}.${inner}`;
}
