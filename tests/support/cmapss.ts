/** The real C-MAPSS files, which are not part of this repository. */

import { join } from "node:path";
import process from "node:process";

const FOLDER = join(import.meta.dirname!, "..", "..", "..", "shared", "data", "cmapss");

async function present(): Promise<boolean> {
  return await Deno.stat(FOLDER).then(() => true, () => false);
}

/** The folder with the FD001 files; undefined where it is absent. In CI it must be there. */
export const cmapssFolder = process.env.CI !== undefined || await present() ? FOLDER : undefined;
if (cmapssFolder === undefined) {
  // deno-lint-ignore no-console
  console.warn("The C-MAPSS files are not beside this checkout: tests of the real data are skipped");
}
