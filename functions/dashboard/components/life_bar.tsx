/** A predicted life with its interval, on a scale of flight cycles. */

import type { JSX } from "preact";
import { number } from "../format.ts";

/** Flight cycles; models trained here say at most 125, so that most lives fit without changing the scale. */
const USUAL = 150;

/** The bar. */
export function LifeBar(
  { predicted, lower, upper }: { predicted: number; lower: number | null; upper: number | null },
): JSX.Element {
  const most = Math.max(USUAL, (upper ?? predicted) * 1.1);
  const place = (cycles: number) => `${Math.min(cycles / most, 1) * 100}%`;
  const interval = lower === null || upper === null ? "" : `, between ${number(lower)} and ${number(upper)}`;
  return (
    <div class="life" role="img" aria-label={`${number(predicted)} flight cycles left${interval}`}>
      <div class="scale">
        {lower !== null && upper !== null && (
          <span class="interval" style={{ left: place(lower), right: `calc(100% - ${place(upper)})` }} />
        )}
        <span class="point" style={{ left: place(predicted) }} />
      </div>
      <div class="ends" aria-hidden="true">
        <span>0</span>
        <span>{number(most)} cycles</span>
      </div>
    </div>
  );
}
