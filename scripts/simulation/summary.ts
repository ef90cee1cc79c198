/** What a simulation did, for people and as JSON. */

import type { Fault } from "./faults.ts";

/** What `--json` prints. */
export interface SimulationSummary {
  readonly target: string;
  readonly seed: number;
  /** Time of the first reading; null in C-MAPSS files. With the seed it repeats the simulation. */
  readonly from: string | null;
  /** Engines that fly at a time. */
  readonly engines: number;
  /** Engines that have flown, those that have failed included. */
  readonly units: number;
  readonly failures: number;
  /** Readings that were handed over, copies of duplicates included. */
  readonly sent: number;
  /** Readings that were made and could not be handed over; some of them may have arrived. */
  readonly unsent: number;
  /** Readings that would have followed, had it not been stopped; null where there was no end. */
  readonly unmade: number | null;
  readonly accepted: number;
  /** Null where the target does not say. */
  readonly duplicates: number | null;
  readonly rejected: number;
  /** What the target said of the first that it rejected. */
  readonly rejections: readonly string[];
  readonly retries: number;
  readonly faults: Partial<Record<Fault, number>>;
  /** Path of the side file. */
  readonly labels: string | null;
  readonly seconds: number;
  readonly readings_per_second: number;
  /** Why it ended early; null when it did not fail. */
  readonly failure: string | null;
}

const count = (value: number) => value.toLocaleString("en-US");

/** What the target said, in a line. */
function answerText({ accepted, duplicates, rejected, retries }: SimulationSummary): string {
  return [
    `${count(accepted)} accepted`,
    ...(duplicates === null ? [] : [`${count(duplicates)} duplicates`]),
    `${count(rejected)} rejected`,
    ...(retries > 0 ? [`${count(retries)} sent again after a failure`] : []),
  ].join(", ");
}

/** The summary for people. */
export function simulationText(summary: SimulationSummary): string {
  const { faults, labels, from, seed } = summary;
  const kinds = Object.entries(faults).map(([kind, number]) => `${count(number)} ${kind}`).join(", ");
  const rows: [string, string][] = [
    ["Target", summary.target],
    [
      "Sent",
      `${count(summary.sent)} readings in ${summary.seconds.toFixed(1)} s, ${
        count(Math.round(summary.readings_per_second))
      } readings/s`,
    ],
    ["Answer", answerText(summary)],
    [
      "Engines",
      `${count(summary.engines)}, ${count(summary.units)} have flown, ${count(summary.failures)} failures`,
    ],
    ...(labels === null ? [] : [["Faults", `${kinds || "none"}; labels in ${labels}`] as [string, string]]),
    ["Again", `--seed ${seed}${from === null ? "" : ` --from ${from}`}`],
  ];
  return rows.map(([name, text]) => `${name.padEnd(9)}${text}`).join("\n");
}

/** Why it ended early, and what has not arrived. */
export function failureText(summary: SimulationSummary): string {
  const { sent, unsent, unmade, accepted, duplicates, rejected, failure } = summary;
  const made = sent + unsent;
  const arrived = accepted + (duplicates ?? 0) + rejected;
  const rest = unmade === null || unmade === 0 ? "" : `; ${count(unmade)} more were not made`;
  return `Cannot go on as ${failure}. Of ${count(made)} readings ${count(arrived)} have arrived (${
    answerText(summary)
  }), and the other ${count(made - arrived)} have not, as far as is known${rest}`;
}
