/** Setting up and tearing down in the account of a test, in this process. */

import assert from "node:assert/strict";
import { callerAccount } from "../../../scripts/aws/caller.ts";
import { type Clients, closeClients, createClients } from "../../../scripts/aws/clients.ts";
import { desiredState } from "../../../scripts/aws/desired_state.ts";
import { inventory, type Item } from "../../../scripts/aws/inventory.ts";
import { type Outcome, setUpAll } from "../../../scripts/aws/setup.ts";
import { AwsAccount, REGION } from "./account.ts";

export const ACCESS_KEY = "current-access-key-of-the-test";
export const ENDPOINT_URL = "https://abcdefghij.supabase.co/functions/v1/kinesis";

/** How a test sets up. */
export interface TestSetup {
  readonly name?: string;
  readonly shards?: number;
  readonly dryRun?: boolean;
  readonly renewKey?: boolean;
  readonly rolePatienceMs?: number;
  readonly url?: string;
}

/** An account with the clients of a command. */
export interface TestAccount {
  readonly aws: AwsAccount;
  readonly clients: Clients;
  /** What was waited for. */
  readonly said: string[];
  items(setup?: TestSetup): Promise<Item[]>;
  setUp(setup?: TestSetup): Promise<Outcome[]>;
}

/** Runs with an account that the SDK is pointed to; afterwards nothing may have been misunderstood. */
export async function withAccount(body: (account: TestAccount) => Promise<void>): Promise<void> {
  await using aws = await AwsAccount.start();
  // not through the environment, which other test files that run at the same time share
  const clients = createClients(aws.options);
  const said: string[] = [];
  const items = async ({ name = "spool", shards, rolePatienceMs, url = ENDPOINT_URL }: TestSetup = {}) => {
    const account = await callerAccount(clients.sts, REGION);
    assert.ok(account);
    const session = { clients, account, say: (line: string) => said.push(line), rolePatienceMs };
    return inventory(desiredState({ name, shards }), session, { EndpointUrl: url, AccessKey: ACCESS_KEY });
  };
  const setUp = async (setup: TestSetup = {}) => {
    const { dryRun = false, renewKey = false } = setup;
    return await setUpAll(await items(setup), { dryRun, renewKey });
  };
  try {
    await body({ aws, clients, said, items, setUp });
    assert.deepEqual(aws.misunderstood, []);
  } finally {
    closeClients(clients);
  }
}
