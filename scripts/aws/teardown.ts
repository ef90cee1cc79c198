/** Deletes what was set up, but no data. */

import { explain } from "./clients.ts";
import { differences } from "./difference.ts";
import type { Item } from "./inventory.ts";

/** What is to become of one resource. */
export interface Fate {
  readonly item: Item;
  readonly fate: "delete" | "leave" | "absent";
  /** Why it is left, or what is lost with it. */
  readonly note?: string;
}

async function fateOf(item: Item, groupIsOurs: boolean): Promise<Fate> {
  const { kind, target } = item;
  const found = await kind.find(target);
  if (found === undefined) return { item, fate: "absent" };
  const { mark } = kind;
  const ours = mark === null
    ? groupIsOurs
    : differences({ [mark]: target.properties[mark] }, found.properties).length === 0;
  if (!ours) return { item, fate: "leave", note: "it is not Spool's own" };
  const reason = await kind.kept?.(target);
  return reason === undefined
    ? { item, fate: "delete", note: kind.lost }
    : { item, fate: "leave", note: reason };
}

/**
 * Looks up what there is to delete, in the order in which it would be deleted: what refers to something before what is
 * referred to. A bucket with anything in it is left, as is what others still use or have made.
 */
export async function planTeardown(items: readonly Item[]): Promise<Fate[]> {
  const fates: Fate[] = [];
  // a log stream has no mark of its own; it is as its group is
  let groupIsOurs = false;
  for (const item of items) {
    try {
      const fate = await fateOf(item, groupIsOurs);
      if (item.type === "AWS::Logs::LogGroup") groupIsOurs = fate.fate === "delete";
      fates.push(fate);
    } catch (error) {
      throw explain(`look up the ${item.kind.label} ${item.target.name}`, error);
    }
  }
  return fates.toReversed();
}

/**
 * Deletes what the plan says, in its order. Whatever stops it, running it again goes on from there.
 *
 * @param report Is told each one as it comes, with the reason if it was left after all.
 */
export async function tearDown(
  fates: readonly Fate[],
  report: (item: Item, left: string | undefined) => void,
): Promise<void> {
  for (const { item, fate } of fates) {
    if (fate !== "delete") continue;
    try {
      // Firehose may have written its last copy since the plan was made
      const left = await item.kind.kept?.(item.target);
      if (left === undefined) await item.kind.remove(item.target);
      report(item, left);
    } catch (error) {
      throw explain(`delete the ${item.kind.label} ${item.target.name}`, error);
    }
  }
}
