/** Taking alerts on. */

import type postgres from "postgres";
import type { z } from "zod";
import { Problem } from "../../shared/problem.ts";
import { Alert } from "./rows.ts";

/**
 * Writes down that somebody has taken an alert on.
 *
 * @param by Who.
 * @throws {Problem} 404 when there is no such alert.
 */
export async function acknowledge(
  sql: postgres.Sql,
  id: number,
  by: string,
): Promise<z.output<typeof Alert>> {
  await sql`select from public.acknowledge_alert(${id}::bigint, ${by})`;
  const [row] = await sql`select to_jsonb(alerts) as alert from public.alerts where id = ${id}`;
  if (row === undefined) {
    throw new Problem(404, "not-found", "Not found", `Cannot find the alert ${id}: no alert has this id`);
  }
  return Alert.parse(row.alert);
}
