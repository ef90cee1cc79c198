/** Which backup is meant. */

import type { Lake } from "../../shared/lake/lake.ts";
import { CommandError } from "../cli.ts";
import type { Manifest } from "./manifest.ts";
import { storedBackups } from "./stored_backups.ts";

/** There is a backup, but it is not whole; its message tells what is wrong. */
export class BrokenBackupError extends CommandError {}

/**
 * Finds the backup of a date, or the newest whole one.
 *
 * @param which A date, or `latest`.
 * @returns Its manifest, whose parts are there and of the right size; what they contain is not looked at.
 * @throws {CommandError} There is none.
 * @throws {BrokenBackupError} It is not whole.
 */
export async function findBackup(lake: Lake, which: string): Promise<Manifest> {
  const backups = await storedBackups(lake);
  const found = which === "latest"
    ? backups.findLast(({ fault }) => fault === undefined)
    : backups.find(({ date }) => date === which);
  if (found?.stored !== undefined && found.fault === undefined) return found.stored.manifest;
  if (found !== undefined) {
    throw new BrokenBackupError(`Cannot use the backup of ${which} as it must be whole: ${found.fault}`);
  }
  const whole = backups.filter(({ fault }) => fault === undefined).map(({ date }) => date);
  throw new CommandError(
    `Cannot find ${
      which === "latest" ? "a backup" : `the backup of ${which}`
    } as it must be in ${lake.url}: ` +
      (whole.length === 0 ? "it has no whole one" : `it has ${whole.join(", ")}`),
  );
}
