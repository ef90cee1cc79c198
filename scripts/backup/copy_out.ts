/** Rows as COPY writes them. */

import type { Readable } from "node:stream";
import type postgres from "postgres";
import { connect } from "../../shared/database.ts";
import type { StoredTable } from "./catalog.ts";
import { COPY_SETTINGS, NO_LIMITS } from "./session.ts";

/** The columns of a COPY. A table may have none, and COPY takes no empty list. */
export function columnList(quoted: readonly string[]): string {
  return quoted.length === 0 ? "" : `(${quoted.join(", ")})`;
}

/** A session that reads tables of a snapshot, one after another. */
export class SnapshotReader implements AsyncDisposable {
  private sql: postgres.Sql | undefined;

  /** @param snapshot Its id. */
  constructor(private readonly url: string, private readonly snapshot: string) {}

  /** All rows of a table, in chunks of any size. */
  async *rows({ relation, columns }: StoredTable): AsyncGenerator<Uint8Array> {
    const sql = this.sql ??= await this.connected();
    const statement = `copy ${relation} ${columnList(columns.map(({ quoted }) => quoted))} to stdout`;
    const chunks: Readable = await sql.unsafe(statement).readable();
    let bytes = 0;
    try {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        yield chunk;
      }
    } finally {
      // postgres.js 3.4.9 pauses the socket when as much as this waits to be read, and may leave it paused when the
      // COPY has ended; the next query on that connection would wait for ever
      if (bytes >= chunks.readableHighWaterMark || !chunks.readableEnded) await this[Symbol.asyncDispose]();
    }
  }

  private async connected(): Promise<postgres.Sql> {
    const pool = connect(this.url, 1, { idle_timeout: 0 }); // an idle session keeps the snapshot
    await pool.unsafe(
      `begin isolation level repeatable read, read only; set transaction snapshot '${this.snapshot}'; ${COPY_SETTINGS} ${NO_LIMITS}`,
    );
    return pool;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { sql } = this;
    this.sql = undefined;
    await sql?.end({ timeout: 0 });
  }
}
