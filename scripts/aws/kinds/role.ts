/** The role that Firehose works with. */

import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { lookUp } from "../clients.ts";
import type { Value } from "../intrinsics.ts";
import { asProperties, type Kind, type Tag } from "../kind.ts";

interface Role {
  readonly RoleName: string;
  readonly Description: string;
  readonly AssumeRolePolicyDocument: Value;
  readonly ManagedPolicyArns: [];
  readonly Policies: { readonly PolicyName: string; readonly PolicyDocument: Value }[];
  readonly Tags: Tag[];
}

/** IAM gives documents back percent-encoded. */
export function readDocument(text: string | undefined): Value {
  return JSON.parse(decodeURIComponent(text ?? "{}"));
}

/** The role that Firehose works with. It has the policies that it should have and no others. */
export function roleKind(client: IAMClient): Kind<Role> {
  async function attached(RoleName: string): Promise<string[]> {
    const arns = [];
    for await (const page of paginateListAttachedRolePolicies({ client }, { RoleName })) {
      arns.push(...(page.AttachedPolicies ?? []).map(({ PolicyArn }) => PolicyArn!));
    }
    return arns;
  }

  async function inline(RoleName: string): Promise<string[]> {
    const names = [];
    for await (const page of paginateListRolePolicies({ client }, { RoleName })) {
      names.push(...page.PolicyNames ?? []);
    }
    return names;
  }

  async function removePolicies(RoleName: string, keep: readonly string[]): Promise<void> {
    for (const PolicyName of await inline(RoleName)) {
      if (!keep.includes(PolicyName)) {
        await client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
      }
    }
  }

  async function detachPolicies(RoleName: string): Promise<void> {
    for (const PolicyArn of await attached(RoleName)) {
      await client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    }
  }

  return {
    label: "role",
    mark: "Tags",
    fixed: [],
    async find({ name: RoleName }) {
      const role = (await lookUp(client.send(new GetRoleCommand({ RoleName }))))?.Role;
      if (role === undefined) return undefined;
      const Policies = [];
      for (const PolicyName of await inline(RoleName)) {
        const { PolicyDocument } = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
        Policies.push({ PolicyName, PolicyDocument: readDocument(PolicyDocument) });
      }
      return {
        properties: asProperties({
          RoleName,
          Description: role.Description,
          AssumeRolePolicyDocument: readDocument(role.AssumeRolePolicyDocument),
          ManagedPolicyArns: await attached(RoleName),
          Policies,
          Tags: role.Tags ?? [],
        }),
      };
    },
    async create({ name: RoleName, properties: { Description, AssumeRolePolicyDocument, Tags } }) {
      await client.send(
        new CreateRoleCommand({
          RoleName,
          Description,
          AssumeRolePolicyDocument: JSON.stringify(AssumeRolePolicyDocument),
          Tags,
        }),
      );
      return asProperties({ RoleName, Description, AssumeRolePolicyDocument, ManagedPolicyArns: [], Tags });
    },
    async change({ name: RoleName, properties }, names) {
      if (names.has("Description")) {
        await client.send(new UpdateRoleCommand({ RoleName, Description: properties.Description }));
      }
      if (names.has("AssumeRolePolicyDocument")) {
        const PolicyDocument = JSON.stringify(properties.AssumeRolePolicyDocument);
        await client.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
      }
      if (names.has("ManagedPolicyArns")) {
        // it should have none: all its rights are its own
        await detachPolicies(RoleName);
      }
      if (names.has("Policies")) {
        for (const { PolicyName, PolicyDocument } of properties.Policies) {
          await client.send(
            new PutRolePolicyCommand({
              RoleName,
              PolicyName,
              PolicyDocument: JSON.stringify(PolicyDocument),
            }),
          );
        }
        await removePolicies(RoleName, properties.Policies.map(({ PolicyName }) => PolicyName));
      }
    },
    async remove({ name: RoleName }) {
      // IAM deletes no role that still has a policy
      await detachPolicies(RoleName);
      await removePolicies(RoleName, []);
      await lookUp(client.send(new DeleteRoleCommand({ RoleName })));
    },
  };
}
