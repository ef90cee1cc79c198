/** An archiver that is killed at each of its steps: what is there is whole, and the next one puts everything right. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { dayKey } from "../../../shared/lake/keys.ts";
import { verifyLake } from "../../../shared/lake/verify.ts";
import { archiveAll, lakeFolder, LATER, storeReadings } from "../../support/archived.ts";
import { testDatabase } from "../../support/database.ts";
import { duckdb } from "../../support/duckdb.ts";

const PROCESS = join(import.meta.dirname!, "../../support/archive_process.ts");
const DAY = "2024-03-01";

/** How many processes run at a time. */
const AT_ONCE = 2;

const reading = (cycle: number) => ({ engine: "A", cycle, timestamp: `${DAY}T00:00:${10 + cycle}Z` });

/** Archives one reading, adds another, and lets a process die at a step; true where it came to its end. */
async function killedAt(step: number): Promise<boolean> {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await storeReadings(sql, [reading(1)]);
  await archiveAll(sql, home.lake);
  await storeReadings(sql, [reading(2)]);

  const { success, signal, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", PROCESS, db.url, home.path, String(step)],
    stderr: "piped",
  }).output();
  assert.ok(success || signal === "SIGKILL", new TextDecoder().decode(stderr));

  // one file or the other, whole; and it is listed as archived only when it is the later one
  const path = join(home.path, dayKey(DAY));
  const [{ cycles }] = await duckdb(`select max(cycle) as cycles from '${path}'`);
  assert.ok(cycles === 1 || cycles === 2);
  await sql`select roll_up_readings()`;
  const left = await sql`select from days_to_archive(${LATER})`;
  if (left.length === 0) assert.equal(cycles, 2);
  assert.ok(!success || left.length === 0);

  // the dead process' lock is let go as soon as Postgres notices
  for (let done = false; !done;) done = (await archiveAll(sql, home.lake)).left.length === 0;
  assert.deepEqual(
    await duckdb(`select engine_id, cycle from read_parquet('${path}', hive_partitioning = false)`),
    [
      { engine_id: "A", cycle: 1 },
      { engine_id: "A", cycle: 2 },
    ],
  );
  const [object] = await sql`select sha256, row_count::integer as rows from lake_objects`;
  assert.equal(createHash("sha256").update(await Deno.readFile(path)).digest("hex"), object.sha256);
  assert.equal(object.rows, 2);
  assert.equal((await verifyLake(sql, home.lake)).verified, 1);
  const ends = await sql`
    select run_id from lineage_events where event_type = 'COMPLETE' group by run_id having count(*) > 1`;
  assert.equal(ends.length, 0);
  return success;
}

Deno.test("killed at any step, an archiver leaves the earlier file or the later one, and the next puts it right", async () => {
  let step = 0;
  let ended = false;
  const each = async () => {
    while (!ended) {
      if (await killedAt(step++)) ended = true;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, each));
  assert.ok(step > 20, `${step} steps`);
});
