/** Who asks: the account that the credentials belong to. */

import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { codeOf, explain } from "./clients.ts";
import type { Account } from "./intrinsics.ts";

/** The account of the credentials; undefined when the environment has none. */
export async function callerAccount(client: STSClient, region: string): Promise<Account | undefined> {
  try {
    const { Account, Arn } = await client.send(new GetCallerIdentityCommand({}));
    return { partition: Arn!.split(":")[1], region, account: Account! };
  } catch (error) {
    if (codeOf(error) === "CredentialsProviderError") return undefined;
    throw explain("ask whose the credentials are", error);
  }
}
