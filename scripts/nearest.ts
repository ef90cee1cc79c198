/** What somebody may have meant by a word that is not known. */

/** Insertions, deletions, changes and swaps of neighbours that make one word of the other (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows = Array.from(
    { length: a.length + 1 },
    (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i === 0 ? j : j === 0 ? i : 0),
  );
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows[a.length][b.length];
}

/**
 * The known word that is nearest to another, if one is near enough to have been meant: a third of it may be wrong.
 *
 * @example
 * ```ts
 * import { nearest } from "./nearest.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(nearest("engine", ["cycles", "engines"]), "engines");
 * assert.equal(nearest("nonsense", ["cycles", "engines"]), undefined);
 * ```
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const [best] = known.map((each) => ({ each, away: distance(word.toLowerCase(), each) }))
    .sort((a, b) => a.away - b.away);
  return best !== undefined && best.away <= Math.max(1, Math.ceil(word.length / 3)) ? best.each : undefined;
}

/** ` Did you mean engines?`, or nothing. */
export function suggestion(word: string, known: readonly string[], prefix = ""): string {
  const meant = nearest(word, known);
  return meant === undefined ? "" : `. Did you mean ${prefix}${meant}?`;
}
