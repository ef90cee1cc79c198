/** What people are told. */

import type { Outcome } from "./setup.ts";
import type { Fate } from "./teardown.ts";

/** What an action is called, before and after. */
export const ACTION_WORDS = {
  planned: { create: "create", change: "change", replace: "replace", none: "unchanged" },
  done: { create: "created", change: "changed", replace: "replaced", none: "unchanged" },
} as const;

/** Characters of a value that a line shows; --json shows all. */
const EXCERPT = 80;

function excerpt(value: unknown): string {
  const text = value === null ? "nothing" : JSON.stringify(value);
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT - 1)}…` : text;
}

/** One line, and one for each difference. */
export function outcomeText(
  { action, label, name, differences }: Outcome,
  words: (typeof ACTION_WORDS)[keyof typeof ACTION_WORDS],
): string {
  return [
    `${words[action].padEnd(9)}  ${label.padEnd(15)}  ${name}`,
    ...differences.map(({ path, found, wanted }) =>
      `${" ".repeat(11)}${path}: ${excerpt(found)} → ${excerpt(wanted)}`
    ),
  ].join("\n");
}

/** What will be deleted and what will not, a line each. */
export function fatesText(fates: readonly Fate[]): string {
  return fates.filter(({ fate }) => fate !== "absent").map(({ item, fate, note }) => {
    const reason = note === undefined ? "" : fate === "leave" ? `  as ${note}` : `  ${note}`;
    return `${fate.padEnd(6)}  ${item.kind.label.padEnd(15)}  ${item.target.name}${reason}`;
  }).join("\n");
}

/** What became of one: deleted, or left after all. */
export function tearDownText(label: string, name: string, left: string | undefined): string {
  return `${left === undefined ? "deleted" : "left   "}  ${label.padEnd(15)}  ${name}${
    left === undefined ? "" : `  as ${left}`
  }`;
}

/** What is left to do by hand. */
export function nextSteps(
  environment: Readonly<Record<string, string>>,
  outcomes: readonly Outcome[],
): string[] {
  const policy = outcomes.find(({ type }) => type === "AWS::IAM::ManagedPolicy");
  return [
    "put these lines into .env, and give the functions theirs: supabase secrets set --env-file .env",
    `let the user or role that Spool runs as have its rights: aws iam attach-user-policy --user-name USER --policy-arn ${policy?.arn}`,
    `say who hears of alerts: aws sns subscribe --topic-arn ${environment.ALERT_SNS_TOPIC_ARN} --protocol email ` +
    "--notification-endpoint ADDRESS",
    "send readings: deno task simulate --target kinesis; what could not be delivered lies under " +
    `${environment.LAKE_URL}/streaming/kinesis-firehose/failed/`,
  ];
}
