/** The desired state in one account: each resource with its kind, its name and its properties. */

import type { Clients } from "./clients.ts";
import type { DesiredState } from "./desired_state.ts";
import {
  type Account,
  identify,
  lookupIn,
  type Properties,
  resolve,
  type ResourceType,
} from "./intrinsics.ts";
import type { Kind, Target } from "./kind.ts";
import { bucketKind } from "./kinds/bucket.ts";
import { deliveryStreamKind } from "./kinds/delivery_stream.ts";
import { logGroupKind } from "./kinds/log_group.ts";
import { logStreamKind } from "./kinds/log_stream.ts";
import { managedPolicyKind } from "./kinds/managed_policy.ts";
import { roleKind } from "./kinds/role.ts";
import { streamKind } from "./kinds/stream.ts";
import { topicKind } from "./kinds/topic.ts";
import type { Patience } from "./waiting.ts";

/** ms: a stream with many shards takes minutes to change. */
const PATIENCE_MS = 15 * 60_000;

/** ms: IAM says "seconds"; after this long something else is wrong with the role. */
const ROLE_PATIENCE_MS = 2 * 60_000;

/** Who asks, and whom to tell what is waited for. */
export interface Session {
  readonly clients: Clients;
  readonly account: Account;
  /** Takes a line for people. */
  say(line: string): void;
  /** ms that a new role may take until Firehose can use it. */
  readonly rolePatienceMs?: number;
}

/** One resource that should exist, ready to be looked up. */
export interface Item {
  readonly id: string;
  readonly type: ResourceType;
  readonly kind: Kind;
  readonly target: Target;
}

function kinds(
  { clients, account, say, rolePatienceMs = ROLE_PATIENCE_MS }: Session,
): Record<ResourceType, Kind> {
  const patience: Patience = { patienceMs: PATIENCE_MS, say };
  const rolePatience: Patience = { patienceMs: rolePatienceMs, say };
  const all = {
    "AWS::Kinesis::Stream": streamKind(clients.kinesis, patience),
    "AWS::S3::Bucket": bucketKind(clients.s3, account),
    "AWS::SNS::Topic": topicKind(clients.sns),
    "AWS::Logs::LogGroup": logGroupKind(clients.logs),
    "AWS::Logs::LogStream": logStreamKind(clients.logs),
    "AWS::IAM::Role": roleKind(clients.iam),
    "AWS::IAM::ManagedPolicy": managedPolicyKind(clients.iam),
    "AWS::KinesisFirehose::DeliveryStream": deliveryStreamKind(clients.firehose, patience, rolePatience),
  };
  // each takes the properties that desiredState gives its type, which a test compares with the documented ones
  return all as unknown as Record<ResourceType, Kind>;
}

/** Everything that should exist, in the order in which it is made. */
export function inventory(
  state: DesiredState,
  session: Session,
  parameters: Readonly<Record<string, string>>,
): Item[] {
  const byType = kinds(session);
  const lookup = lookupIn(session.account, state.resources, parameters);
  return state.resources.map((resource) => ({
    id: resource.id,
    type: resource.type,
    kind: byType[resource.type],
    target: {
      ...identify(resource, lookup),
      properties: resolve(resource.properties, lookup) as Properties,
    },
  }));
}

/** Environment variables that point Spool to the resources. */
export function environmentIn(state: DesiredState, account: Account): Record<string, string> {
  const lookup = lookupIn(account, state.resources, {});
  return Object.fromEntries(
    Object.entries(state.environment).map(([name, value]) => [name, String(resolve(value, lookup))]),
  );
}
