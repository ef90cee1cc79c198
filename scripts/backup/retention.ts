/** Which backups may go. */

import type { StoredBackup } from "./stored_backups.ts";

/**
 * Backups that are older than the newest `keep` whole ones. As long as there are not that many, all stay: those that
 * are not whole, too.
 *
 * @param backups Oldest first.
 * @param keep At least 1.
 * @param made Date of the one that has just been made, which stays whatever its date.
 */
export function backupsToRemove(
  backups: readonly StoredBackup[],
  keep: number,
  made: string,
): StoredBackup[] {
  const oldestKept = backups.filter(({ fault }) => fault === undefined).at(-keep)?.date;
  if (oldestKept === undefined) return [];
  return backups.filter(({ date, stored }) => date < oldestKept && date !== made && stored !== undefined);
}
