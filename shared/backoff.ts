/** How long to wait before trying again. */

/**
 * Full jitter: any time from 0 up to a limit that doubles with each failure (AWS Architecture Blog, "Exponential
 * Backoff And Jitter"). It spreads many senders best of all the variants compared there.
 *
 * @param failures How often it has failed in a row, from 1.
 * @param firstMs Limit of the first wait.
 * @param longestMs Limit that it stops to grow at.
 */
export function fullJitter(failures: number, firstMs: number, longestMs: number): number {
  return Math.random() * Math.min(longestMs, firstMs * 2 ** (failures - 1));
}
