/** Administrative acts, written to audit_log in the transaction that does them. */

import type postgres from "postgres";

/**
 * Writes an act down.
 *
 * @param tx The transaction that does it: what is rolled back leaves no row.
 * @param by Who does it: a command, a function. The database prefers what it knows itself: the signed-in user.
 * @param action Subject and verb, as in `backup.create`.
 * @param target What it is done to.
 * @param details What changes, and the evidence; never a secret.
 */
export async function recordAudit(
  tx: postgres.TransactionSql,
  by: string,
  action: string,
  target: string,
  details: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await tx`
    select public.record_audit(${action}, ${target}, ${JSON.stringify(details)}::text::jsonb)
    from set_config('spool.actor', ${by}, true) as actor
    where actor is not null`;
}
