/** Makes what should exist, after looking up what does. */

import { CommandError } from "../cli.ts";
import { explain, isThere } from "./clients.ts";
import { type Difference, differences } from "./difference.ts";
import type { Item } from "./inventory.ts";
import type { Found, Kind, Target } from "./kind.ts";

/** What was or would be done with one resource. */
export interface Outcome {
  readonly id: string;
  readonly type: string;
  /** As people call it: `delivery stream`. */
  readonly label: string;
  readonly name: string;
  readonly arn: string;
  /** What is done with it; with a dry run, what would be. */
  readonly action: "create" | "change" | "replace" | "none";
  /** What was not as it should be. */
  readonly differences: readonly Difference[];
}

/** How to set up. */
export interface SetupOptions {
  /** Look up only, and report what would be done. */
  readonly dryRun: boolean;
  /** Send the access key again, which nobody can look up. */
  readonly renewKey: boolean;
  /** Is told each outcome as it comes. */
  report?(outcome: Outcome): void;
}

/** AWS does not tell the key that it has, so that nobody knows whether it is another one. */
const RENEWED_KEY: Difference = {
  path: "HttpEndpointDestinationConfiguration.EndpointConfiguration.AccessKey",
  found: "not shown",
  wanted: "not shown",
};

function quoted(value: unknown): string {
  return value === undefined || value === null ? "nothing" : JSON.stringify(value);
}

/** Stops where somebody else's resource has the name. */
function checkOwner({ label, mark }: Kind, { name, properties }: Target, found: Found): void {
  if (mark === null) return;
  if (differences({ [mark]: properties[mark] }, found.properties).length === 0) return;
  throw new CommandError(
    `Cannot set up the ${label} ${name} as it must be Spool's own, which its ${mark} ${
      quoted(properties[mark])
    } would show: current value is ${
      quoted(found.properties[mark])
    }. Choose another --name, or mark it so if it is to be taken over`,
  );
}

/** Stops where what exists cannot become what it should be. */
function checkFixed({ label, fixed }: Kind, { name }: Target, wrong: readonly Difference[]): void {
  const stuck = wrong.find(({ path }) => fixed.some((property) => path.split(/[.[]/)[0] === property));
  if (stuck === undefined) return;
  throw new CommandError(
    `Cannot change the ${label} ${name} as ${stuck.path} must be ${
      quoted(stuck.wanted)
    }, which only a new one can ` +
      `have: current value is ${quoted(stuck.found)}. Delete it, or choose another --name`,
  );
}

/** The properties that are different somewhere. */
function propertiesOf(wrong: readonly Difference[]): ReadonlySet<string> {
  return new Set(wrong.map(({ path }) => path.split(/[.[]/)[0]));
}

/** Makes one that is not there, and gives it all it should have. */
async function make(kind: Kind, target: Target): Promise<void> {
  const made = await kind.create(target);
  await kind.settle?.(target);
  const missing = differences(target.properties, made);
  if (missing.length > 0) await kind.change(target, propertiesOf(missing));
}

async function setUp({ id, type, kind, target }: Item, options: SetupOptions): Promise<Outcome> {
  const outcome = (action: Outcome["action"], differences: readonly Difference[] = []): Outcome => ({
    id,
    type,
    label: kind.label,
    name: target.name,
    arn: target.arn,
    action,
    differences,
  });
  const look = async () => {
    if (!options.dryRun) await kind.settle?.(target);
    const found = await kind.find(target);
    if (found !== undefined) checkOwner(kind, target, found);
    return found;
  };

  let found = await look();
  if (found === undefined || found.broken !== undefined) {
    const action = found === undefined ? "create" : "replace";
    if (options.dryRun) return outcome(action);
    if (found !== undefined) await kind.remove(target);
    try {
      await make(kind, target);
      return outcome(action);
    } catch (error) {
      if (!isThere(error)) throw error;
      // made after all: its answer was lost and the SDK asked again, or somebody else sets up at the same time
      found = await look();
      if (found === undefined) throw error;
    }
  }

  const wrong = differences(target.properties, found.properties);
  checkFixed(kind, target, wrong);
  if (options.renewKey && type === "AWS::KinesisFirehose::DeliveryStream") wrong.push(RENEWED_KEY);
  if (wrong.length === 0) return outcome("none");
  if (!options.dryRun) await kind.change(target, propertiesOf(wrong));
  return outcome("change", wrong);
}

/**
 * Makes what should exist, one after the other, in an order in which nothing misses what it refers to. Whatever stops
 * it, running it again goes on from there.
 *
 * @throws {CommandError} Says what was being done, and what is missing.
 */
export async function setUpAll(items: readonly Item[], options: SetupOptions): Promise<Outcome[]> {
  const outcomes = [];
  for (const item of items) {
    let outcome;
    try {
      outcome = await setUp(item, options);
    } catch (error) {
      throw explain(
        `${options.dryRun ? "look up" : "set up"} the ${item.kind.label} ${item.target.name}`,
        error,
      );
    }
    options.report?.(outcome);
    outcomes.push(outcome);
  }
  return outcomes;
}
