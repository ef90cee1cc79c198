/** An export of a split that kills itself: `dying_export.ts DATABASE_URL FOLDER N` before the Nth change of the lake. */

import { exportSplit } from "../../../scripts/export/split/export_split.ts";
import { silent } from "../../../scripts/progress.ts";
import { connect } from "../../../shared/database.ts";
import { FileLake } from "../../../shared/lake/file_lake.ts";
import type { LakeWriter, WrittenObject } from "../../../shared/lake/lake.ts";
import { DEFAULTS } from "./split_fleets.ts";

const [url, folder, dieAt] = Deno.args;
let changes = 0;

function count(): void {
  if (++changes === Number(dieAt)) Deno.kill(Deno.pid, "SIGKILL");
}

class DyingLake extends FileLake {
  override async create(key: string): Promise<LakeWriter> {
    const writer = await super.create(key);
    const { write, commit } = writer;
    return Object.assign(writer, {
      write: (chunk: Uint8Array) => (count(), write.call(writer, chunk)),
      commit: () => (count(), commit.call(writer)),
    });
  }

  override put(key: string, content: Uint8Array | string): Promise<WrittenObject> {
    count();
    return super.put(key, content);
  }

  override remove(key: string): Promise<void> {
    count();
    return super.remove(key);
  }
}

const sql = connect(url, 2);
await exportSplit({ url, sql }, new DyingLake(folder), DEFAULTS, silent);
await sql.end();
