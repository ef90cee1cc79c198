import { storeBatch } from "../../shared/intake.ts";
import { startLineage } from "../../shared/lineage.ts";
import { catalogServer } from "../support/catalog_server.ts";
import { candidates, reading } from "../support/readings.ts";
Deno.test("scratch", async () => {
  await using server = await catalogServer();
  const { sql } = server.db;
  await storeBatch(
    sql,
    { source: "load", reference: "train_FD001.txt lines 1-2" },
    candidates([reading(), { bad: 1 }]),
  );
  const run = await startLineage(sql, "archive", {
    inputs: [{ namespace: "postgres", name: "public.sensor_data" }],
  });
  await run.complete(sql);
  const key = "processed/year=2024/month=01/day=01/sensor_data.parquet";
  await sql`insert into lake_objects (key, kind, day, day_version, row_count, row_digest, bytes, sha256, written_by) values (${key}, 'sensor_data', '2024-01-01', 1, 1, 'x', 10, repeat('a', 64), ${run.id})`;
  await sql`insert into lake_object_batches select ${key}, id, 1 from batches`;
  await sql`select run_checks('24 hours', now())`;
  const user = { authorization: `Bearer ${await server.userToken()}` };
  for (
    const path of [
      "/assets",
      "/assets?kind=lake&tag=parquet",
      "/assets?q=drift%20SENSOR&owner=data-science&classification=internal",
      "/assets/sensor_data",
      "/assets/processed/",
      "/assets/processed%2Ftrain-test-split%2F",
      "/assets/nothing",
      "/lineage?limit=2",
      "/lineage?job=archive",
      `/lineage?run=${run.id}`,
      "/lineage?dataset=train_FD001.txt&limit=1",
      "/lineage?from=2024-01-01T00:00:00Z&to=2024-02-01T00:00:00Z",
      "/lineage/readings?engine=ENGINE_001&cycle=1",
      "/lineage/readings?engine=ENGINE_001&cycle=1&timestamp=2024-01-01T00:00:00Z",
      "/lineage/readings?engine=ENGINE_001&cycle=9",
      "/lineage/graph",
      "/lake",
      "/lake?prefix=processed/&limit=1",
      "/lake?prefix=raw/",
      "/lake/" + key,
      "/lake/nothing",
      "/openapi.json",
    ]
  ) {
    for (const h of [undefined, user]) {
      const a = await server.get(path, h as never);
      Deno.writeTextFileSync(
        "/tmp/catalog_scratch/out",
        `${a.status} ${path} ${JSON.stringify(a.body).slice(0, 500)}\n`,
        { append: true },
      );
    }
  }
});
