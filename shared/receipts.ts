/** Receipts of requests that have been stored: the same request again is answered without work. */

import type postgres from "postgres";

/** What tells one request from another. */
export interface Receipt {
  /** ARN of who sent it; empty where it does not say. */
  readonly stream: string;
  /** The sender's own identifier of the request, the same each time it tries. */
  readonly requestId: string;
  /** SHA-256 of its content, in hexadecimal digits. */
  readonly digest: string;
}

/** Whether a request has been stored. A quick look before it is decoded: {@link claimReceipt} decides. */
export async function isReceived(
  sql: postgres.Sql,
  { stream, requestId, digest }: Receipt,
): Promise<boolean> {
  const rows = await sql`
    select from public.delivery_receipts
    where request_id = ${requestId} and stream = ${stream} and digest = ${digest}`;
  return rows.length > 0;
}

/**
 * Writes the receipt of a request, in the transaction that stores it. While another transaction does the same, this
 * waits for its end.
 *
 * @returns False where it is there already.
 */
export async function claimReceipt(
  tx: postgres.TransactionSql,
  { stream, requestId, digest }: Receipt,
  batchId: string,
): Promise<boolean> {
  const { count } = await tx`
    insert into public.delivery_receipts (stream, request_id, digest, batch_id)
    values (${stream}, ${requestId}, ${digest}, ${batchId}::uuid)
    on conflict do nothing`;
  return count > 0;
}
