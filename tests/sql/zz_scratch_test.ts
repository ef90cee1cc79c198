import { testDatabase } from "../support/database.ts";
Deno.test("scratch", async () => {
  for (const version of [17, 15] as const) {
    await using db = await testDatabase({ version });
    const { sql } = db;
    const show = async (q: string) => {
      const t = performance.now();
      const r = await sql.unsafe(q);
      Deno.writeTextFileSync(
        "/tmp/catalog_scratch/out",
        version + " " + Math.round(performance.now() - t) + " ms " + q + "\n" + (r.map((x) =>
          x["QUERY PLAN"] ?? JSON.stringify(x)
        ).join("\n")).slice(0, 6000) + "\n",
        { append: true },
      );
    };
    await sql`insert into batches (id, source, reference, received, accepted, duplicates, rejected, received_at, code_version) select gen_random_uuid(), 'kinesis', 'arn:aws:kinesis:eu:123:stream/x shardId-000 1..2', 10,10,0,0, now() - i * interval '1 second', '1' from generate_series(1, 300000) i`;
    await sql`insert into check_runs (window_start, as_of, started_at, finished_at) select now() - i * interval '1 hour' - interval '1 day', now() - i * interval '1 hour', now() - i * interval '1 hour', now() - i * interval '1 hour' from generate_series(1, 2000) i`;
    await sql`analyze`;
    await show(
      `explain analyze select event from lineage order by event_time desc, event_id collate "C" desc limit 100`,
    );
    await show(`select count(*) from find_lineage()`);
    await show(`select count(*) from find_lineage(dataset => 'nowhere')`);
    await show(`select count(*) from find_lineage(job => 'archive')`);
    await show(`select count(*) from find_lineage(run => gen_random_uuid())`);
    await show(`select jsonb_array_length(lineage_graph()->'edges')`);
    await sql`insert into public.lineage_forwarding (id) values (true) on conflict do nothing`;
    await sql`update lineage_forwarding set since = now() - interval '2 hours', settled_until = now() - interval '2 hours'`;
    await show(`select count(*) from lineage_to_forward(100)`);
    await sql`insert into lineage_forwards (event_id, run_id, event_time, state, attempts, settled_at) select event_id, run_id, event_time, 'sent', 1, now() from lineage where event_time > now() - interval '2 hours'`;
    await show(`select count(*) from lineage_to_forward(100)`);
    await show(`select settle_forwarding()`);
    await show(`select count(*) from lineage_forwards`);
    await show(`select count(*) from find_assets()`);
  }
});
