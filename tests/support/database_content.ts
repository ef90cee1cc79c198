/** All that a database holds, so that two can be compared row for row. */

import type postgres from "postgres";
import { storedSequences, storedTables } from "../../scripts/backup/catalog.ts";

/** What a restore writes itself, beside what it restores. */
const OWN_ROWS: Readonly<Record<string, string>> = {
  "public.audit_log": "action <> 'backup.restore'",
  "public.lineage_events": "job_name <> 'restore'",
};

/**
 * Each table with its number of rows and a digest of them, in any order; each sequence with its next number.
 *
 * A row's text has all digits of floats; times are compared as they are shown in UTC.
 */
export async function databaseContent(sql: postgres.Sql): Promise<Record<string, string>> {
  return await sql.begin("isolation level repeatable read", async (tx) => {
    await tx`set local timezone = 'UTC'`;
    await tx`set local extra_float_digits = 3`;
    const content: Record<string, string> = {};
    for (const { relation } of await storedTables(tx)) {
      const [{ rows, digest }] = await tx.unsafe(`
        select count(*)::text as rows, coalesce(md5(string_agg(md5(stored::text), '' order by md5(stored::text))), '') as digest
        from ${relation} as stored
        where ${OWN_ROWS[relation] ?? "true"}`);
      content[relation] = `${rows} rows, ${digest}`;
    }
    for (const { relation } of await storedSequences(tx)) {
      if (/lineage_events|audit_log/.test(relation)) continue; // a restore takes numbers of these
      const [{ last_value, is_called }] = await tx.unsafe(`select last_value, is_called from ${relation}`);
      content[relation] = `${last_value} ${is_called}`;
    }
    return content;
  }) as Record<string, string>;
}
