/** COPY, the limit that every way into the table is compared with. */

import { pipeline } from "node:stream/promises";
import type postgres from "postgres";
import { connect } from "../../shared/database.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";

const COLUMNS = ["engine_id", "cycle", '"timestamp"', ...VALUE_COLUMNS, "batch_id"].join(", ");

/**
 * The stored readings as COPY writes them, so that COPY stores the very same rows, in the order of the fleet.
 *
 * On a connection of its own: postgres.js 3.4.9 now and then leaves the socket paused when a COPY TO STDOUT has
 * ended, and the next query on that connection then waits for ever.
 */
export async function copyOut(url: string): Promise<Uint8Array> {
  const sql = connect(url, 1);
  const rows = `select ${COLUMNS} from public.sensor_data join public.engines on engines.id = engine_id
    order by unit_number, cycle`;
  const chunks: Uint8Array[] = [];
  for await (const chunk of await sql.unsafe(`copy (${rows}) to stdout`).readable()) chunks.push(chunk);
  await sql.end({ timeout: 0 });
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

/** `copy sensor_data from stdin`, on one connection, as psql's \copy does it. */
export async function copyIn(sql: postgres.Sql, text: Uint8Array): Promise<void> {
  await pipeline([text], await sql.unsafe(`copy public.sensor_data (${COLUMNS}) from stdin`).writable());
}
