/** What there is to know of a kind of resource to look it up, make it, change it and delete it. */

import type { Properties } from "./intrinsics.ts";

/** One resource that should exist in an account, with every reference replaced. */
export interface Target<Of = Properties> {
  readonly name: string;
  readonly arn: string;
  readonly properties: Of;
}

/** What was found under a name. */
export interface Found {
  /** As it is, in the template's words. */
  readonly properties: Properties;
  /** Why it can never become what it should, where that is so: it failed, or is of another sort. */
  readonly broken?: string;
}

/**
 * A kind of resource. Its methods throw what the SDK throws; whoever calls them says what was being done.
 *
 * `Of` are the properties that its targets have: the template's, as the SDK's types have them.
 */
export interface Kind<Of = Properties> {
  /** `delivery stream`. */
  readonly label: string;
  /** The property that shows whose it is, and is given when it is made; null where another resource shows it. */
  readonly mark: "Tags" | "Description" | null;
  /** Properties that only a new one can have. */
  readonly fixed: readonly string[];
  /** Waits until nothing is under way with it. */
  settle?(target: Target<Of>): Promise<void>;
  /** Looks it up. */
  find(target: Target<Of>): Promise<Found | undefined>;
  /** Makes it, and returns the properties that it has from the start; the others are changed to. */
  create(target: Target<Of>): Promise<Properties>;
  /** Changes the named properties; never its name and its mark, without which it is not looked at further. */
  change(target: Target<Of>, names: ReadonlySet<string>): Promise<void>;
  /** Why it must not be deleted as it is. */
  kept?(target: Target<Of>): Promise<string | undefined>;
  /** What is lost with it, for whoever is asked whether to delete it. */
  readonly lost?: string;
  /** Deletes it; not there is as good. */
  remove(target: Target<Of>): Promise<void>;
}

/** A tag as most services write it. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Tags as those services want them that take an object. */
export function tagObject(tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

/** Tags of an object, as the template writes them. */
export function tagList(tags: Readonly<Record<string, string>> | undefined): Tag[] {
  return Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
}

/**
 * What the SDK answered, in the template's words. Members that are undefined are left out.
 *
 * @param answer JSON; the SDK's types know no more than that about it.
 */
export function asProperties(answer: object): Properties {
  return JSON.parse(JSON.stringify(answer));
}
