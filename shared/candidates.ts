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
}
