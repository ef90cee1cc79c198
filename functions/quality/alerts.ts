/** Taking alerts on. */

import postgres from "postgres";
import type { z } from "zod";
import { Problem } from "../../shared/problem.ts";
import { Alert } from "./rows.ts";

/** SQLSTATE of acknowledge_alert: there is no such alert, or it is not open. */
const NOT_OPEN = "SP551";

/**
 * Writes down that somebody has taken an alert on.
 *
 * @param by Who.
 * @throws {Problem} 404 when there is no such alert, 409 when it is not open any more.
 */
export async function acknowledge(
  sql: postgres.Sql,
  id: number,
  by: string,
): Promise<z.output<typeof Alert>> {
  try {
    const [{ alert }] = await sql`select public.acknowledge_alert(${id}::bigint, ${by}) as alert`;
    return Alert.parse(alert);
  } catch (error) {
    if (!(error instanceof postgres.PostgresError) || error.code !== NOT_OPEN) throw error;
    const [known] = await sql`select from public.alerts where id = ${id}`;
    if (known === undefined) {
      throw new Problem(404, "not-found", `Cannot find the alert ${id}: no alert has this id`);
    }
    const detail = error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
    throw new Problem(409, "alert-not-open", detail);
  }
}
