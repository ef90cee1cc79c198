/** Waiting for what AWS does in its own time. */

import { CommandError } from "../cli.ts";

/** ms before the second look; each further pause is up to twice as long. */
const FIRST_PAUSE_MS = 200;

/** ms, the longest pause. DescribeStream may be asked ten times a second by all of an account together. */
const LONGEST_PAUSE_MS = 5_000;

/** How long to wait, and whom to tell. */
export interface Patience {
  /** ms after which waiting has failed. */
  readonly patienceMs: number;
  /** Takes a line for people. */
  say(line: string): void;
}

/** A look that may have to be taken again: `done` when it is over, and otherwise what it is that is waited for. */
export type Look<T> = { readonly done: T } | { readonly waiting: string };

/**
 * Looks until it is done, with pauses that double and are jittered.
 *
 * @param what What is waited for: `the stream spool becoming ACTIVE`.
 * @throws {CommandError} After the time that there is.
 */
export async function waitFor<T>(
  what: string,
  { patienceMs, say }: Patience,
  look: () => Promise<Look<T>>,
): Promise<T> {
  const startedMs = performance.now();
  let said = "";
  for (let ceilingMs = FIRST_PAUSE_MS;; ceilingMs = Math.min(2 * ceilingMs, LONGEST_PAUSE_MS)) {
    const seen = await look();
    if ("done" in seen) return seen.done;
    const waitedMs = performance.now() - startedMs;
    if (waitedMs >= patienceMs) {
      throw new CommandError(
        `Cannot go on as ${what} must take less than ${Math.round(patienceMs / 1000)} s: ` +
          `current value is: ${seen.waiting}. Run the same again: it goes on from here`,
      );
    }
    if (seen.waiting !== said) say(`waiting for ${what}: ${seen.waiting}`);
    said = seen.waiting;
    await new Promise((resolve) => setTimeout(resolve, ceilingMs / 2 + Math.random() * ceilingMs / 2));
  }
}
