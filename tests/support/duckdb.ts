/** DuckDB, as a reader of Parquet that is not Spool's. */

import { DuckDBInstance } from "@duckdb/node-api";

/** Rows of a query, as JSON has them. Timestamps are in UTC. */
export async function duckdb(query: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    await connection.run("set TimeZone = 'UTC'");
    const rows = (await connection.runAndReadAll(query)).getRowObjectsJson();
    connection.closeSync();
    return rows as Record<string, unknown>[];
  } finally {
    instance.closeSync();
  }
}
