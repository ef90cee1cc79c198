/** `deno task export quality`: suites and daily reports into the lake. */

import { dayBefore, type StoredQuality, storeQuality } from "../../shared/quality_report/store_quality.ts";
import { UsageError } from "../cli.ts";
import { table } from "../table.ts";
import type { ExportPart } from "./part.ts";

/**
 * The days to report on: those that were asked for, yesterday unless any were.
 *
 * @param now Decides which days are over.
 * @throws {UsageError} When one of them is not over.
 */
export function reportedDays(from: string | undefined, to: string | undefined, now: Date): string[] {
  const yesterday = dayBefore(now);
  const last = to ?? yesterday;
  const first = from ?? last;
  if (last > yesterday || first > yesterday) {
    throw new UsageError(
      `Cannot report on ${last > yesterday ? last : first} as the day must be over: ` +
        `the last one that is, is ${yesterday}`,
    );
  }
  const days = [];
  for (let ms = Date.parse(first); ms <= Date.parse(last); ms += 86_400_000) {
    days.push(new Date(ms).toISOString().slice(0, 10));
  }
  return days;
}

function qualityText({ suites, reports }: StoredQuality): string {
  return [
    `Suites of expectations: ${suites.written} written, ${suites.unchanged} unchanged, ${suites.removed} removed`,
    table(
      ["report of", "verdict", ""],
      reports.map(({ day, status, written }) => [
        day,
        status.replace("_", " "),
        written ? "written" : "kept: its verdicts have been pruned since",
      ]),
    ),
  ].join("\n\n");
}

/** The part. */
export const quality: ExportPart<Record<never, never>> = {
  summary:
    "the rules as suites of Great Expectations, and a report of each day's quality (yesterday's unless told)",
  options: {},
  async run({ sql, lake, from, to, progress }) {
    const days = reportedDays(from, to, new Date());
    const stage = progress.stage("quality", days.length, "days");
    try {
      const stored = await storeQuality(sql, lake, days, { onReport: () => stage.advance(1) });
      return { json: stored, text: qualityText(stored) };
    } finally {
      stage.end();
    }
  },
};
