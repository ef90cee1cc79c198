/** `deno task export archive`: days that are over, as Parquet. */

import { archiveDays, type ArchiveReport } from "../../shared/archive/archive_days.ts";
import type { ExportContext, ExportPart, ExportResult } from "./part.ts";

function text({ written, unchanged, empty, rows, bytes, left }: ArchiveReport, lake: string): string {
  const count = (amount: number) => amount.toLocaleString("en-US");
  const days = (amount: number) => `${count(amount)} ${amount === 1 ? "day" : "days"}`;
  return [
    `archive: ${days(written)} written to ${lake}: ${count(rows)} readings, ${count(bytes)} bytes`,
    ...(unchanged > 0 ? [`  ${days(unchanged)} in the lake already, with these very readings`] : []),
    ...(empty > 0 ? [`  ${days(empty)} without a reading any more`] : []),
    ...(left.length > 0 ? [`  ${days(left.length)} left, as another session archives them`] : []),
  ].join("\n");
}

async function run({ sql, lake, from, to, force, progress }: ExportContext): Promise<ExportResult> {
  const stage = progress.stage("archive", null, "readings");
  let all = 0;
  let done = 0;
  try {
    const report = await archiveDays(sql, lake, {
      asOf: new Date(),
      from,
      to,
      force,
      onPlan: (days) => all = days.length,
      onRows: (rows) => stage.advance(rows),
      onDay: ({ day }) => stage.advance(0, `${day}, ${++done} of ${all} days`),
    });
    return { json: report, text: text(report, lake.url) };
  } finally {
    stage.end();
  }
}

/** The part. */
export const archive: ExportPart<Record<never, never>> = {
  summary: "the days that are over, one Parquet file each",
  options: {},
  run,
};
