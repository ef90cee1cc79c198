/** IAM: roles with inline policies, managed policies with versions, and whether a role may do something. */

import { z } from "zod";
import { operation, Refusal, type Service } from "./exchange.ts";

/** Tags as most services take them. */
export const tags = z.array(z.strictObject({
  Key: z.string().min(1).max(128),
  Value: z.string().max(256),
})).max(50);

const roleName = z.string().regex(/^[\w+=,.@-]{1,64}$/);
const policyName = z.string().regex(/^[\w+=,.@-]{1,128}$/);
const policyArn = z.string().regex(/^arn:aws:iam::\d{12}:policy\/[\w+=,.@-]{1,128}$/);
const texts = z.union([z.string(), z.array(z.string()).min(1)]);
const condition = z.partialRecord(z.enum(["StringEquals", "StringLike"]), z.record(z.string(), texts));

/** The grammar of policies, as far as it is used. */
const document = (statement: z.ZodType) =>
  z.string().max(10_240).transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: "custom", message: "MalformedPolicyDocument" });
      return z.NEVER;
    }
  }).pipe(z.strictObject({ Version: z.literal("2012-10-17"), Statement: z.array(statement).min(1) }));

const trust = document(z.strictObject({
  Sid: z.string().regex(/^[A-Za-z0-9]*$/).optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.strictObject({ Service: z.string() }),
  Action: texts,
  Condition: condition.optional(),
}));

const rights = document(z.strictObject({
  Sid: z.string().regex(/^[A-Za-z0-9]*$/).optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: texts,
  Resource: texts,
  Condition: condition.optional(),
}));

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
}

interface Role {
  readonly arn: string;
  description: string;
  trust: unknown;
  readonly inline: Map<string, unknown>;
  readonly attached: Set<string>;
  readonly tags: Map<string, string>;
  /** How often Firehose is still refused after it was made. */
  refusals: number;
}

interface Policy {
  readonly name: string;
  readonly description: string;
  readonly versions: { id: string; document: unknown; created: string }[];
  standard: string;
  made: number;
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}

/** The roles and policies of an account. */
export class Iam {
  readonly roles = new Map<string, Role>();
  readonly policies = new Map<string, Policy>();
  /** Users that a policy is attached to. */
  readonly attachedUsers = new Map<string, string[]>();
  /** How often a new role is not known yet where it is used. */
  refusalsOfNewRoles = 0;

  constructor(private readonly account: string) {}

  /** Whether a role's inline policies allow something: deny unless said. */
  allows(roleArn: string, action: string, resource: string): boolean {
    const role = [...this.roles.values()].find(({ arn }) => arn === roleArn);
    const statements = [...role?.inline.values() ?? []].flatMap((one) =>
      (one as { Statement: Statement[] }).Statement
    );
    return statements.some((statement) =>
      statement.Effect === "Allow" &&
      [statement.Action].flat().some((pattern) => matches(pattern, action)) &&
      [statement.Resource].flat().some((pattern) => matches(pattern, resource))
    );
  }

  /** Takes the role for a service as that does: it must be known already and trust it with the account's ID. */
  assume(roleArn: string, service: string): boolean {
    const role = [...this.roles.values()].find(({ arn }) => arn === roleArn);
    if (role === undefined || role.refusals-- > 0) return false;
    const { Statement } = role.trust as {
      Statement: {
        Principal: { Service: string };
        Action: string;
        Condition?: Record<string, Record<string, string>>;
      }[];
    };
    return Statement.some(({ Principal, Action, Condition }) =>
      Principal.Service === service && Action === "sts:AssumeRole" &&
      (Condition?.StringEquals?.["sts:ExternalId"] ?? this.account) === this.account
    );
  }

  #role(name: string): Role {
    const role = this.roles.get(name);
    if (role === undefined) {
      throw new Refusal("NoSuchEntity", `The role with name ${name} cannot be found.`, 404);
    }
    return role;
  }

  #policy(arn: string): Policy {
    const policy = this.policies.get(arn);
    if (policy === undefined) throw new Refusal("NoSuchEntity", `Policy ${arn} does not exist.`, 404);
    return policy;
  }

  #shown(name: string, role: Role): object {
    return {
      Path: "/",
      RoleName: name,
      RoleId: "AROATESTTESTTESTTESTA",
      Arn: role.arn,
      CreateDate: "2026-11-23T00:00:00Z",
      AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(role.trust)),
      Description: role.description || undefined,
      Tags: [...role.tags].map(([Key, Value]) => ({ Key, Value })),
    };
  }

  readonly service: Service = {
    GetRole: operation(z.strictObject({ RoleName: roleName }), ({ RoleName }) => ({
      Role: this.#shown(RoleName, this.#role(RoleName)),
    })),
    CreateRole: operation(
      z.strictObject({
        RoleName: roleName,
        AssumeRolePolicyDocument: trust,
        Description: z.string().max(1000).optional(),
        Tags: tags.optional(),
      }),
      ({ RoleName, AssumeRolePolicyDocument, Description = "", Tags = [] }) => {
        if (this.roles.has(RoleName)) {
          throw new Refusal("EntityAlreadyExists", `Role with name ${RoleName} already exists.`, 409);
        }
        const role: Role = {
          arn: `arn:aws:iam::${this.account}:role/${RoleName}`,
          description: Description,
          trust: AssumeRolePolicyDocument,
          inline: new Map(),
          attached: new Set(),
          tags: new Map(Tags.map(({ Key, Value }) => [Key, Value])),
          refusals: this.refusalsOfNewRoles,
        };
        this.roles.set(RoleName, role);
        return { Role: this.#shown(RoleName, role) };
      },
    ),
    UpdateRole: operation(
      z.strictObject({ RoleName: roleName, Description: z.string().max(1000) }),
      ({ RoleName, Description }) => {
        this.#role(RoleName).description = Description;
        return {};
      },
    ),
    UpdateAssumeRolePolicy: operation(
      z.strictObject({ RoleName: roleName, PolicyDocument: trust }),
      ({ RoleName, PolicyDocument }) => void (this.#role(RoleName).trust = PolicyDocument),
    ),
    ListRolePolicies: operation(z.strictObject({ RoleName: roleName }), ({ RoleName }) => ({
      PolicyNames: [...this.#role(RoleName).inline.keys()],
      IsTruncated: false,
    })),
    GetRolePolicy: operation(
      z.strictObject({ RoleName: roleName, PolicyName: policyName }),
      ({ RoleName, PolicyName }) => ({
        RoleName,
        PolicyName,
        PolicyDocument: encodeURIComponent(JSON.stringify(this.#role(RoleName).inline.get(PolicyName))),
      }),
    ),
    PutRolePolicy: operation(
      z.strictObject({ RoleName: roleName, PolicyName: policyName, PolicyDocument: rights }),
      ({ RoleName, PolicyName, PolicyDocument }) =>
        void this.#role(RoleName).inline.set(PolicyName, PolicyDocument),
    ),
    DeleteRolePolicy: operation(
      z.strictObject({ RoleName: roleName, PolicyName: policyName }),
      ({ RoleName, PolicyName }) => void this.#role(RoleName).inline.delete(PolicyName),
    ),
    ListAttachedRolePolicies: operation(z.strictObject({ RoleName: roleName }), ({ RoleName }) => ({
      AttachedPolicies: [...this.#role(RoleName).attached].map((PolicyArn) => ({
        PolicyName: PolicyArn.split("/").at(-1),
        PolicyArn,
      })),
      IsTruncated: false,
    })),
    DetachRolePolicy: operation(
      z.strictObject({ RoleName: roleName, PolicyArn: z.string() }),
      ({ RoleName, PolicyArn }) => void this.#role(RoleName).attached.delete(PolicyArn),
    ),
    DeleteRole: operation(z.strictObject({ RoleName: roleName }), ({ RoleName }) => {
      const role = this.#role(RoleName);
      if (role.inline.size + role.attached.size > 0) {
        throw new Refusal("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
      }
      this.roles.delete(RoleName);
    }),
    GetPolicy: operation(z.strictObject({ PolicyArn: policyArn }), ({ PolicyArn }) => {
      const { name, description, standard } = this.#policy(PolicyArn);
      return {
        Policy: {
          PolicyName: name,
          Arn: PolicyArn,
          DefaultVersionId: standard,
          Description: description || undefined,
        },
      };
    }),
    CreatePolicy: operation(
      z.strictObject({
        PolicyName: policyName,
        Description: z.string().max(1000).optional(),
        PolicyDocument: rights.refine((one) => JSON.stringify(one).length <= 6144, "LimitExceeded"),
      }),
      ({ PolicyName, Description = "", PolicyDocument }) => {
        const arn = `arn:aws:iam::${this.account}:policy/${PolicyName}`;
        if (this.policies.has(arn)) {
          throw new Refusal("EntityAlreadyExists", `A policy called ${PolicyName} already exists.`, 409);
        }
        this.policies.set(arn, {
          name: PolicyName,
          description: Description,
          versions: [{ id: "v1", document: PolicyDocument, created: "2026-11-23T00:00:01Z" }],
          standard: "v1",
          made: 1,
        });
        return { Policy: { PolicyName, Arn: arn, DefaultVersionId: "v1" } };
      },
    ),
    GetPolicyVersion: operation(
      z.strictObject({ PolicyArn: policyArn, VersionId: z.string().regex(/^v[1-9]\d*$/) }),
      ({ PolicyArn, VersionId }) => {
        const version = this.#policy(PolicyArn).versions.find(({ id }) => id === VersionId);
        const Document = encodeURIComponent(JSON.stringify(version?.document));
        return { PolicyVersion: { VersionId, Document } };
      },
    ),
    ListPolicyVersions: operation(z.strictObject({ PolicyArn: policyArn }), ({ PolicyArn }) => {
      const { versions, standard } = this.#policy(PolicyArn);
      return {
        Versions: versions.map(({ id, created }) => ({
          VersionId: id,
          IsDefaultVersion: id === standard,
          CreateDate: created,
        })),
      };
    }),
    CreatePolicyVersion: operation(
      z.strictObject({
        PolicyArn: policyArn,
        PolicyDocument: rights,
        SetAsDefault: z.enum(["true", "false"]),
      }),
      ({ PolicyArn, PolicyDocument, SetAsDefault }) => {
        const policy = this.#policy(PolicyArn);
        if (policy.versions.length === 5) {
          throw new Refusal("LimitExceeded", "A managed policy can have up to 5 versions.", 409);
        }
        const id = `v${++policy.made}`;
        policy.versions.push({
          id,
          document: PolicyDocument,
          created: `2026-11-23T00:00:${String(policy.made).padStart(2, "0")}Z`,
        });
        if (SetAsDefault === "true") policy.standard = id;
        return { PolicyVersion: { VersionId: id } };
      },
    ),
    DeletePolicyVersion: operation(
      z.strictObject({ PolicyArn: policyArn, VersionId: z.string() }),
      ({ PolicyArn, VersionId }) => {
        const policy = this.#policy(PolicyArn);
        if (policy.standard === VersionId) {
          throw new Refusal("DeleteConflict", "Cannot delete the default version of a policy.", 409);
        }
        policy.versions.splice(policy.versions.findIndex(({ id }) => id === VersionId), 1);
      },
    ),
    ListEntitiesForPolicy: operation(z.strictObject({ PolicyArn: policyArn }), ({ PolicyArn }) => ({
      PolicyUsers: (this.attachedUsers.get(PolicyArn) ?? []).map((UserName) => ({ UserName })),
      PolicyRoles: [],
      PolicyGroups: [],
      IsTruncated: false,
    })),
    DeletePolicy: operation(z.strictObject({ PolicyArn: policyArn }), ({ PolicyArn }) => {
      const policy = this.#policy(PolicyArn);
      if (policy.versions.length > 1 || (this.attachedUsers.get(PolicyArn) ?? []).length > 0) {
        throw new Refusal(
          "DeleteConflict",
          "Cannot delete a policy attached to entities or with versions.",
          409,
        );
      }
      this.policies.delete(PolicyArn);
    }),
  };
}
