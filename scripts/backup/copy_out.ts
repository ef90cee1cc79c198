/** A table's rows as COPY writes them. */

import type postgres from "postgres";
import { connect } from "../../shared/database.ts";
import type { StoredTable } from "./catalog.ts";
import { COPY_SETTINGS, NO_LIMITS } from "./session.ts";

/** The columns of a COPY. A table may have none, and COPY takes no empty list. */
export function columnList(quoted: readonly string[]): string {
  return quoted.length === 0 ? "" : `(${quoted.join(", ")})`;
}

/**
 * Reads all rows of a table in a snapshot, in chunks of any size.
 *
 * On a connection of its own: postgres.js 3.4.9 now and then leaves the socket paused when a COPY TO STDOUT has
 * ended, and the next query on that connection then waits for ever.
 *
 * @param snapshot Its id.
 */
export async function* copyOut(
  url: string,
  snapshot: string,
  { relation, columns }: StoredTable,
): AsyncGenerator<Uint8Array> {
  const sql: postgres.Sql = connect(url, 1);
  try {
    await sql.unsafe(
      `begin isolation level repeatable read, read only; set transaction snapshot '${snapshot}'; ${COPY_SETTINGS} ${NO_LIMITS}`,
    );
    yield* await sql.unsafe(`copy ${relation} ${columnList(columns.map(({ quoted }) => quoted))} to stdout`)
      .readable();
  } finally {
    await sql.end({ timeout: 0 });
  }
}
