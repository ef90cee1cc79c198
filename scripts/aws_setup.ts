/** `deno task aws:setup`: what Spool needs in an AWS account. */

import process from "node:process";
import { readConfig } from "../shared/config.ts";
import { callerAccount } from "./aws/caller.ts";
import { closeClients, createClients } from "./aws/clients.ts";
import { type DesiredState, desiredState } from "./aws/desired_state.ts";
import type { Account } from "./aws/intrinsics.ts";
import { environmentIn, inventory, type Item, type Session } from "./aws/inventory.ts";
import { ACTION_WORDS, fatesText, nextSteps, outcomeText, tearDownText } from "./aws/report.ts";
import { type Outcome, setUpAll } from "./aws/setup.ts";
import { planTeardown, tearDown } from "./aws/teardown.ts";
import { template } from "./aws/template.ts";
import { CommandError, complain, Exit, print, run, task, UsageError, wholeNumber } from "./cli.ts";

/** Short, as a bucket's name has 63 characters and holds the account and the region, too. */
const NAME = /^[a-z][a-z0-9-]{0,22}[a-z0-9]$/;

/** The number that AWS's own documentation uses, for a plan without an account. */
const NO_ACCOUNT = "123456789012";

/** The largest stream that an account can have without asking for more, in the largest regions. */
const MOST_SHARDS = 20_000;

function nameOption(text: string | undefined): string {
  const name = text ?? "spool";
  if (NAME.test(name)) return name;
  throw new UsageError(
    `Cannot read --name as it must be 2 to 24 lower case letters, digits and hyphens that begin with a letter and ` +
      `do not end with a hyphen: current value is ${name}`,
  );
}

function regionOption(text: string | undefined): string {
  const region = text ?? process.env.AWS_REGION ?? "";
  if (/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return region;
  throw new UsageError(
    `Cannot go on as --region or AWS_REGION must be a region such as eu-central-1: current value is ${
      region || "empty"
    }`,
  );
}

/** Where Firehose sends readings. */
function endpointOption(text: string | undefined): string {
  const project = process.env.SUPABASE_URL;
  const url = text ?? (project ? `${project.replace(/\/+$/, "")}/functions/v1/kinesis` : "");
  if (url.length <= 1000 && URL.parse(url)?.protocol === "https:") return url;
  throw new UsageError(
    `Cannot go on as --url or SUPABASE_URL must say where the function kinesis is, at an https address: ` +
      `current value is ${url || "empty"}`,
  );
}

/** The key that Firehose sends: the first of those that the function takes. */
function accessKey(): string {
  const [key] = readConfig(["KINESIS_ACCESS_KEYS"]).KINESIS_ACCESS_KEYS;
  if (key !== undefined) return key;
  throw new CommandError(
    "Cannot go on as KINESIS_ACCESS_KEYS must have the key that Firehose sends: current value is empty. " +
      "`openssl rand -hex 32` makes one; the function needs the same",
  );
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** Nobody is asked where nobody can answer. */
function confirm(name: string): void {
  if (!Deno.stdin.isTerminal()) {
    throw new UsageError(
      "Cannot ask as --destroy must be confirmed on a terminal: run it on one, or add --yes",
    );
  }
  if (prompt(`Type ${name} to delete it:`) !== name) {
    throw new CommandError(`Cannot delete as the answer must be ${name}: nothing was deleted`);
  }
}

interface Asked {
  readonly name: string;
  readonly "dry-run": boolean;
  readonly json: boolean;
  readonly yes: boolean;
  readonly "renew-key": boolean;
}

/** What a new account would get, where there are no credentials to look anything up with. */
function planOfNewAccount(items: readonly Item[]): Outcome[] {
  return items.map(({ id, type, kind, target }) => ({
    id,
    type,
    label: kind.label,
    name: target.name,
    arn: target.arn,
    action: "create",
    differences: [],
  }));
}

/** Prints the plan of a dry run as JSON: with all properties, but not the key. */
function printPlan(
  lookedUp: boolean,
  account: Account,
  items: readonly Item[],
  outcomes: readonly Outcome[],
): void {
  const resources = outcomes.map((outcome, i) => ({ ...outcome, properties: items[i].target.properties }));
  print(JSON.stringify({ dry_run: true, looked_up: lookedUp, ...account, resources }));
}

async function destroy(session: Session, items: readonly Item[], asked: Asked): Promise<void> {
  const fates = await planTeardown(items);
  const deletes = fates.some(({ fate }) => fate === "delete");
  if (!asked.json) print(fatesText(fates));
  const leftAfterAll = new Map<Item, string>();
  if (deletes && !asked["dry-run"]) {
    if (!asked.yes) confirm(asked.name);
    await tearDown(fates, (item, left) => {
      if (left !== undefined) leftAfterAll.set(item, left);
      if (!asked.json) print(tearDownText(item.kind.label, item.target.name, left));
    });
  }
  if (asked.json) {
    const resources = fates.map(({ item, fate, note }) => ({
      id: item.id,
      type: item.type,
      name: item.target.name,
      arn: item.target.arn,
      fate: leftAfterAll.has(item) ? "leave" : fate,
      note: leftAfterAll.get(item) ?? note,
    }));
    print(JSON.stringify({ dry_run: asked["dry-run"], ...session.account, resources }));
  } else if (!deletes) print("There is nothing to delete.");
}

async function setUp(
  state: DesiredState,
  session: Session,
  items: readonly Item[],
  asked: Asked,
): Promise<void> {
  const dryRun = asked["dry-run"];
  const words = ACTION_WORDS[dryRun ? "planned" : "done"];
  const outcomes = await setUpAll(items, {
    dryRun,
    renewKey: asked["renew-key"],
    report: (outcome) => asked.json || print(outcomeText(outcome, words)),
  });
  if (dryRun) return void (asked.json && printPlan(true, session.account, items, outcomes));

  const environment = environmentIn(state, session.account);
  const next = nextSteps(environment, outcomes);
  if (asked.json) {
    return print(
      JSON.stringify({ dry_run: false, ...session.account, resources: outcomes, environment, next }),
    );
  }
  print();
  for (const [variable, value] of Object.entries(environment)) print(`${variable}=${value}`);
  print(`\nNext:\n${next.map((step) => `- ${step}`).join("\n")}`);
}

export const awsSetupTask = task({
  usage:
    "deno task aws:setup [--name NAME] [--region REGION] [--shards N] [--url URL] [--dry-run] [--json]\n" +
    "       deno task aws:setup --destroy [--name NAME] [--region REGION] [--yes] [--dry-run] [--json]\n" +
    "       deno task aws:setup --cloudformation [--name NAME] [--shards N] [--url URL]",
  summary:
    "Sets up in your AWS account what streaming needs: the Kinesis stream, the bucket of the lake, the " +
    "delivery stream that sends every reading to the function kinesis, the topic of the alerts, and roles and " +
    "policies with least rights. It looks up first and changes only what is not as it should be, so it can be run " +
    "again. Credentials are those of every AWS tool.",
  options: {
    name: { type: "string", value: "NAME", help: "What everything is named from (default spool)" },
    region: { type: "string", value: "REGION", help: "Where it is (default: AWS_REGION)" },
    shards: { type: "string", value: "N", help: "A provisioned stream with N shards (default: on demand)" },
    url: {
      type: "string",
      value: "URL",
      help: "The function kinesis (default: SUPABASE_URL/functions/v1/kinesis)",
    },
    "renew-key": { type: "boolean", help: "Give Firehose the first of KINESIS_ACCESS_KEYS again" },
    "dry-run": { type: "boolean", help: "Look up, print what would be done, and write nothing" },
    destroy: { type: "boolean", help: "Delete what was set up; a bucket with anything in it is left" },
    yes: { type: "boolean", help: "--destroy: do not ask" },
    cloudformation: { type: "boolean", help: "Print the same as a CloudFormation template, and do nothing" },
    json: { type: "boolean", help: "Print the result as JSON" },
  },
  examples: [
    [
      "deno task aws:setup --region eu-central-1 --dry-run",
      "Looks up what the account has, prints what would be made, and writes nothing",
    ],
    ["deno task aws:setup --region eu-central-1", "Makes it; run again it changes only what differs"],
    ["deno task aws:setup --cloudformation > spool.json", "The same as a template, without an account"],
  ],
}, async (given) => {
  if (given.destroy && given.cloudformation) {
    throw new UsageError(
      "Cannot use --destroy and --cloudformation together as a template deletes nothing: choose one",
    );
  }
  if (given.yes && !given.destroy) {
    throw new UsageError("Cannot use --yes as it is for --destroy: leave it out");
  }
  const name = nameOption(given.name);
  const shards = given.shards === undefined
    ? undefined
    : wholeNumber(given.shards, "--shards", 1, MOST_SHARDS);
  const state = desiredState({ name, shards });
  if (given.cloudformation) {
    const known = given.url !== undefined || process.env.SUPABASE_URL;
    print(JSON.stringify(template(state, known ? endpointOption(given.url) : undefined), null, 2));
    return Exit.done;
  }

  const region = regionOption(given.region);
  const dryRun = given["dry-run"];
  const asked = { ...given, name };
  const parameters = {
    EndpointUrl: given.destroy ? "" : endpointOption(given.url),
    // a dry run sends it nowhere, and so does not need it
    AccessKey: given.destroy || dryRun ? "not shown" : accessKey(),
  };
  const clients = createClients({ region });
  try {
    const account = await callerAccount(clients.sts, region);
    if (account === undefined && !(dryRun && !given.destroy)) {
      throw new CommandError(
        "Cannot go on as the environment must have credentials of AWS: current value is none. " +
          "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
      );
    }
    const session: Session = {
      clients,
      account: account ?? { partition: partitionOf(region), region, account: NO_ACCOUNT },
      say: complain,
    };
    const items = inventory(state, session, parameters);
    if (account === undefined) {
      const outcomes = planOfNewAccount(items);
      if (given.json) return void printPlan(false, session.account, items, outcomes);
      print(
        `No credentials: the plan for a new account, ${NO_ACCOUNT} standing for its number, in ${region}\n`,
      );
      for (const outcome of outcomes) print(outcomeText(outcome, ACTION_WORDS.planned));
      return;
    }
    if (!given.json) print(`Account ${account.account}, ${region}${dryRun ? " (nothing is written)" : ""}\n`);
    if (given.destroy) await destroy(session, items, asked);
    else await setUp(state, session, items, asked);
  } catch (error) {
    // AWS may quote what it refuses
    if (!(error instanceof CommandError) || dryRun) throw error;
    throw new CommandError(error.message.replaceAll(parameters.AccessKey, "KINESIS_ACCESS_KEYS"));
  } finally {
    closeClients(clients);
  }
});

if (import.meta.main) await run(awsSetupTask);
