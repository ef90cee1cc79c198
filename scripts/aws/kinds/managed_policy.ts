/** The policy that gives Spool its rights, to be attached to whoever runs it. */

import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  ListEntitiesForPolicyCommand,
  ListPolicyVersionsCommand,
} from "@aws-sdk/client-iam";
import { lookUp } from "../clients.ts";
import type { Value } from "../intrinsics.ts";
import { asProperties, type Kind } from "../kind.ts";
import { readDocument } from "./role.ts";

interface ManagedPolicy {
  readonly ManagedPolicyName: string;
  readonly Description: string;
  readonly PolicyDocument: Value;
}

/** IAM keeps as many versions of a policy, and takes no further one. */
const MOST_VERSIONS = 5;

/** The policy that gives Spool its rights. */
export function managedPolicyKind(client: IAMClient): Kind<ManagedPolicy> {
  async function versions(PolicyArn: string) {
    const { Versions = [] } = await client.send(new ListPolicyVersionsCommand({ PolicyArn }));
    return Versions;
  }

  async function removeVersions(PolicyArn: string, most: number): Promise<void> {
    const others = (await versions(PolicyArn)).filter((version) => !version.IsDefaultVersion)
      .toSorted((a, b) => (a.CreateDate?.getTime() ?? 0) - (b.CreateDate?.getTime() ?? 0));
    for (const { VersionId } of others.slice(0, Math.max(0, others.length + 1 - most))) {
      await client.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    }
  }

  return {
    label: "policy",
    mark: "Description",
    fixed: [],
    async find({ name, arn: PolicyArn }) {
      const policy = (await lookUp(client.send(new GetPolicyCommand({ PolicyArn }))))?.Policy;
      if (policy === undefined) return undefined;
      const { PolicyVersion } = await client.send(
        new GetPolicyVersionCommand({ PolicyArn, VersionId: policy.DefaultVersionId }),
      );
      return {
        properties: asProperties({
          ManagedPolicyName: name,
          Description: policy.Description ?? "",
          PolicyDocument: readDocument(PolicyVersion?.Document),
        }),
      };
    },
    async create({ name: PolicyName, properties: { Description, PolicyDocument } }) {
      await client.send(
        new CreatePolicyCommand({ PolicyName, Description, PolicyDocument: JSON.stringify(PolicyDocument) }),
      );
      return asProperties({ ManagedPolicyName: PolicyName, Description, PolicyDocument });
    },
    async change({ arn: PolicyArn, properties }) {
      await removeVersions(PolicyArn, MOST_VERSIONS - 1);
      const PolicyDocument = JSON.stringify(properties.PolicyDocument);
      await client.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
    },
    async kept({ arn: PolicyArn }) {
      const { PolicyUsers = [], PolicyRoles = [], PolicyGroups = [] } = await client.send(
        new ListEntitiesForPolicyCommand({ PolicyArn }),
      );
      const holders = [
        ...PolicyUsers.map(({ UserName }) => `user ${UserName}`),
        ...PolicyRoles.map(({ RoleName }) => `role ${RoleName}`),
        ...PolicyGroups.map(({ GroupName }) => `group ${GroupName}`),
      ];
      return holders.length > 0 ? `attached to ${holders.join(", ")}: detach it, then run again` : undefined;
    },
    async remove({ arn: PolicyArn }) {
      await removeVersions(PolicyArn, 1);
      await lookUp(client.send(new DeletePolicyCommand({ PolicyArn })));
    },
  };
}
