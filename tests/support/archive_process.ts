/**
 * An archiver as a process that dies at a step of its own: `archive_process.ts DATABASE_URL FOLDER STEP`. A step is a
 * query that is sent, a call of the lake or a row group that is written. It ends well where there are fewer steps.
 */

import postgres from "postgres";
import { archiveDays } from "../../shared/archive/archive_days.ts";
import { FileLake } from "../../shared/lake/file_lake.ts";
import type { Lake, LakeWriter } from "../../shared/lake/lake.ts";
import { LATER } from "./archived.ts";

const [url, folder, last] = Deno.args;
let steps = 0;
function step(): void {
  if (++steps > Number(last)) Deno.kill(Deno.pid, "SIGKILL");
}

const sql = postgres(url, { max: 2, prepare: false, onnotice: () => {}, debug: step });
const files = new FileLake(folder);
const lake: Lake = {
  url: files.url,
  put: (key, content) => files.put(key, content),
  read: (key) => files.read(key),
  stream: (key) => files.stream(key),
  stat: (key) => (step(), files.stat(key)),
  list: (prefix) => files.list(prefix),
  remove: (key) => files.remove(key),
  async create(key): Promise<LakeWriter> {
    step();
    const writer = await files.create(key);
    return {
      async write(chunk) {
        // the first half is on the disk then
        await writer.write(chunk.subarray(0, chunk.length / 2));
        step();
        await writer.write(chunk.subarray(chunk.length / 2));
      },
      async commit() {
        step();
        const written = await writer.commit();
        step(); // it is visible, and nobody knows
        return written;
      },
      abort: () => writer.abort(),
    };
  },
};
await archiveDays(sql, lake, { asOf: LATER });
await sql.end({ timeout: 0 });
