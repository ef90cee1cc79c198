/** The verdicts of a check over time, one small bar each: the later, the further right. */

import type { JSX } from "preact";
import type { z } from "zod";
import type { CheckHistory } from "../../quality/rows.ts";
import { moment, plural } from "../format.ts";
import { toneOf } from "./status.tsx";

type History = z.output<typeof CheckHistory>;

/** Verdicts that are shown: those of a day of hourly runs. */
const MOST = 24;

/** px */
const [STEP, HEIGHT] = [6, 16];

/** A failure is the tallest, so that it is found without colour, too. */
const HEIGHTS: Readonly<Record<string, number>> = { fail: 16, warning: 12, pass: 7, not_evaluated: 2 };

/** The bars. */
export function VerdictStrip({ history }: { history: History | undefined }): JSX.Element {
  if (history === undefined) return <small>no verdict</small>;
  const statuses = history.statuses.slice(-MOST);
  const moments = history.moments.slice(-MOST);
  const counts = ["fail", "warning", "pass", "not_evaluated"]
    .map((word) => [word, statuses.filter((status) => status === word).length] as const)
    .filter(([, count]) => count > 0);
  const label = `${plural(statuses.length, "verdict")}: ${
    counts.map(([word, count]) => `${count} ${word.replace("_", " ")}`).join(", ")
  }`;
  return (
    <svg class="verdicts" width={MOST * STEP} height={HEIGHT} role="img" aria-label={label}>
      <rect class="base" y={HEIGHT - 1} width={MOST * STEP - 2} height={1} />
      {statuses.map((status, index) => (
        <rect
          key={moments[index]}
          class={toneOf(status)}
          x={(MOST - statuses.length + index) * STEP}
          y={HEIGHT - HEIGHTS[status]}
          width={STEP - 2}
          height={HEIGHTS[status]}
          rx="1"
        >
          <title>{`${moment(moments[index] * 1000)} UTC: ${status.replace("_", " ")}`}</title>
        </rect>
      ))}
    </svg>
  );
}
