/** A task that has done a part of its work and wants to be called again for the rest. */

/** What was done is kept; the next attempt goes on from there. */
export class Unfinished extends Error {
  override readonly name = "Unfinished";
}
