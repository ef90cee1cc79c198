import assert from "node:assert/strict";
import { backupsToRemove } from "../../../scripts/backup/retention.ts";
import type { StoredBackup } from "../../../scripts/backup/stored_backups.ts";

/** `3` is a whole backup of the third, `3!` a damaged one, `3?` one that was not finished. */
function backups(...given: string[]): StoredBackup[] {
  return given.map((text): StoredBackup => ({
    date: `2026-01-0${text[0]}`,
    stored: text[1] === "?" ? undefined : {} as StoredBackup["stored"],
    fault: text[1] === undefined ? undefined : "a part is missing",
    keys: [],
    leftovers: [],
  }));
}

function removed(given: StoredBackup[], keep: number, made: number): number[] {
  return backupsToRemove(given, keep, `2026-01-0${made}`).map(({ date }) => Number(date.at(-1)));
}

Deno.test("the newest whole backups stay, and only older ones go", () => {
  assert.deepEqual(removed(backups("1", "2", "3", "4"), 2, 4), [1, 2]);
  assert.deepEqual(removed(backups("1", "2", "3", "4"), 4, 4), []);
  assert.deepEqual(removed(backups("1", "2", "3", "4"), 30, 4), []);
});

Deno.test("a backup that is not whole counts for nothing, and goes only when enough newer ones are whole", () => {
  assert.deepEqual(removed(backups("1", "2!", "3!", "4"), 2, 4), []);
  assert.deepEqual(removed(backups("1!", "2", "3!", "4"), 2, 4), [1]);
});

Deno.test("what was not finished is no backup to remove: it is a leftover", () => {
  assert.deepEqual(removed(backups("1?", "2", "3"), 2, 3), []);
});

Deno.test("the backup that was just made stays, whatever its date", () => {
  assert.deepEqual(removed(backups("1", "2", "3"), 1, 1), [2]);
});
