/** Quality in the lake: the rules as suites, and a report of each day that is over. */

import type postgres from "postgres";
import { z } from "zod";
import { transaction } from "../database.ts";
import { reportKey } from "../lake/keys.ts";
import { type Lake, MissingObjectError } from "../lake/lake.ts";
import { recordLakeObject } from "../lake/listing.ts";
import { type LineageDataset, startLineage } from "../lineage.ts";
import { qualityReportHtml } from "./html.ts";
import { readQualityReport } from "./read_report.ts";
import { QualityReport } from "./report.ts";
import { storeSuites, type SuiteCounts } from "./store_suites.ts";

/** What was written. Names as they are printed with --json. */
export interface StoredQuality {
  readonly suites: SuiteCounts;
  readonly reports: readonly {
    readonly day: string;
    readonly status: QualityReport["verdict"]["status"];
    /** False when its verdicts have been pruned since an earlier report, which was kept. */
    readonly written: boolean;
  }[];
}

/** What a report is made of. */
const INPUTS: readonly LineageDataset[] = [
  "alert_events",
  "alerts",
  "batches",
  "check_runs",
  "data_quality_metrics",
  "dead_letters",
  "expectations",
  "lake_objects",
].map((name) => ({ namespace: "postgres", name: `public.${name}` }));

/** The UTC day before the one that a moment is in, `2024-01-31`. */
export function dayBefore(moment: Date): string {
  return new Date(moment.getTime() - 86_400_000).toISOString().slice(0, 10);
}

/** Whether the lake has a report of the day with runs of the checks that have been pruned since: one made now says less. */
async function saysLess(lake: Lake, { day, runs }: QualityReport): Promise<boolean> {
  if (runs.count > 0) return false;
  try {
    const text = new TextDecoder().decode(await lake.read(reportKey(day, "json")));
    return QualityReport.parse(JSON.parse(text)).runs.count > 0;
  } catch (error) {
    // one that is missing or is none has nothing to lose
    if (error instanceof MissingObjectError || error instanceof SyntaxError || error instanceof z.ZodError) {
      return false;
    }
    throw error;
  }
}

/**
 * Writes the suites that have changed, and the reports of days that are over. Again, it writes the same.
 *
 * The page is written before the JSON document, which is what programs read: where that is, the page is, too.
 *
 * @param days UTC days, `2024-01-31`.
 * @param onReport Is told of each report.
 */
export async function storeQuality(
  sql: postgres.Sql,
  lake: Lake,
  days: readonly string[],
  { signal, onReport = () => {} }: { readonly signal?: AbortSignal; readonly onReport?: () => void } = {},
): Promise<StoredQuality> {
  const lineage = await startLineage(sql, "report", { inputs: INPUTS, facets: { spool_report: { days } } });
  try {
    const { counts, written } = await storeSuites(sql, lake, lineage.id);
    const outputs: LineageDataset[] = written.map(({ key, bytes }) => ({
      namespace: lake.url,
      name: key,
      outputFacets: { outputStatistics: { size: bytes, fileCount: 1 } },
    }));
    const reports: StoredQuality["reports"][number][] = [];
    for (const day of days) {
      signal?.throwIfAborted();
      const report = await readQualityReport(sql, day);
      const { status } = report.verdict;
      if (await saysLess(lake, report)) {
        reports.push({ day, status, written: false });
        onReport();
        continue;
      }
      const objects = [
        await lake.put(reportKey(day, "html"), qualityReportHtml(report)),
        await lake.put(reportKey(day, "json"), `${JSON.stringify(report, null, 2)}\n`),
      ];
      await transaction(sql, async (tx) => {
        for (const object of objects) {
          await recordLakeObject(tx, object, { kind: "report", day, writtenBy: lineage.id });
        }
      });
      outputs.push(...objects.map(({ key, bytes }) => ({
        namespace: lake.url,
        name: key,
        outputFacets: { outputStatistics: { size: bytes, fileCount: 1 } },
      })));
      reports.push({ day, status, written: true });
      onReport();
    }
    await lineage.complete(sql, { inputs: INPUTS, outputs, facets: { spool_report: { days } } });
    return { suites: counts, reports };
  } catch (error) {
    await lineage.fail(sql, error).catch(() => {}); // where the database is away, why it failed matters more
    throw error;
  }
}
