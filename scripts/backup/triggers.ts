/** Triggers that must not fire while rows come back as they were. */

import type postgres from "postgres";

/** A trigger that would fire. */
interface Trigger {
  readonly relation: string;
  readonly name: string;
  readonly always: boolean;
}

/**
 * Switches off the triggers of public's tables and their partitions, as their owner may; those that check foreign keys
 * stay. `session_replication_role` would be shorter, but Supabase's `postgres` is no superuser.
 *
 * @returns What switches exactly these on again.
 */
export async function silenceTriggers(tx: postgres.TransactionSql): Promise<() => Promise<void>> {
  const triggers = await tx<Trigger[]>`
    select
      format('%I.%I', namespace.nspname, relation.relname) as relation,
      quote_ident(tgname) as name,
      tgenabled = 'A' as always
    from pg_trigger
    join pg_class as relation on relation.oid = tgrelid
    join pg_namespace as namespace on namespace.oid = relation.relnamespace
    left join pg_class as root on relation.relispartition and root.oid = pg_partition_root(relation.oid)
    where coalesce(root.relnamespace, relation.relnamespace) = 'public'::regnamespace
      and relation.relkind in ('r', 'p')
      and not tgisinternal
      and tgenabled in ('O', 'A')`;
  for (const { relation, name } of triggers) {
    await tx.unsafe(`alter table only ${relation} disable trigger ${name}`);
  }
  return async () => {
    for (const { relation, name, always } of triggers) {
      await tx.unsafe(`alter table only ${relation} enable ${always ? "always " : ""}trigger ${name}`);
    }
  };
}
