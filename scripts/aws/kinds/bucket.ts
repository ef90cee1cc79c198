/** The bucket that holds the lake. */

import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type LifecycleRule as ApiRule,
  ListObjectVersionsCommand,
  type ObjectOwnership,
  type PublicAccessBlockConfiguration,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
  type ServerSideEncryption,
  type TransitionStorageClass,
  type VersioningConfiguration,
} from "@aws-sdk/client-s3";
import { CommandError } from "../../cli.ts";
import { codeOf, lookUp, statusOf } from "../clients.ts";
import type { Account, Properties } from "../intrinsics.ts";
import { asProperties, type Kind, type Tag } from "../kind.ts";
import type { LifecycleRule } from "../lake.ts";

interface Bucket {
  readonly BucketName: string;
  readonly OwnershipControls: { readonly Rules: { readonly ObjectOwnership: ObjectOwnership }[] };
  readonly PublicAccessBlockConfiguration: PublicAccessBlockConfiguration;
  readonly BucketEncryption: {
    readonly ServerSideEncryptionConfiguration: {
      readonly ServerSideEncryptionByDefault: { readonly SSEAlgorithm: ServerSideEncryption };
    }[];
  };
  readonly VersioningConfiguration: VersioningConfiguration;
  readonly LifecycleConfiguration: { readonly Rules: LifecycleRule[] };
  readonly Tags: Tag[];
}

/** Whether the answer was that this was never configured; each configuration has its own name for it. */
function isUnset(error: unknown): boolean {
  return statusOf(error) === 404 && codeOf(error) !== "NoSuchBucket";
}

async function configured<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isUnset(error)) return undefined;
    throw error;
  }
}

/** A rule as the API has it. */
function apiRule(rule: LifecycleRule): ApiRule {
  return {
    ID: rule.Id,
    Status: rule.Status,
    Filter: { Prefix: rule.Prefix ?? "" },
    Expiration: rule.ExpirationInDays !== undefined
      ? { Days: rule.ExpirationInDays }
      : rule.ExpiredObjectDeleteMarker !== undefined
      ? { ExpiredObjectDeleteMarker: rule.ExpiredObjectDeleteMarker }
      : undefined,
    Transitions: rule.Transitions?.map(({ StorageClass, TransitionInDays }) => ({
      StorageClass: StorageClass as TransitionStorageClass,
      Days: TransitionInDays,
    })),
    NoncurrentVersionExpiration: rule.NoncurrentVersionExpiration,
    AbortIncompleteMultipartUpload: rule.AbortIncompleteMultipartUpload,
  };
}

/** A rule of the API as the template has it; what the template never sets keeps the API's name and so differs. */
function templateRule({ ID, Filter, Expiration, Transitions, ...rest }: ApiRule): object {
  const { Prefix, ...filter } = Filter ?? {};
  return {
    Id: ID,
    Prefix: Prefix || undefined,
    ...filter,
    ExpirationInDays: Expiration?.Days,
    ExpiredObjectDeleteMarker: Expiration?.ExpiredObjectDeleteMarker || undefined,
    Transitions: Transitions?.map(({ Days, ...transition }) => ({ ...transition, TransitionInDays: Days })),
    ...rest,
  };
}

/** The bucket that holds the lake. It is never deleted while anything is in it. */
export function bucketKind(client: S3Client, { region, account }: Account): Kind<Bucket> {
  // whatever the name: never another account's bucket
  const of = (Bucket: string) => ({ Bucket, ExpectedBucketOwner: account });

  async function exists(Bucket: string): Promise<boolean> {
    try {
      await client.send(new HeadBucketCommand(of(Bucket)));
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return false;
      if (status === 403) {
        throw new CommandError(
          `Cannot use the bucket ${Bucket} as it must belong to account ${account}, and the caller must be allowed ` +
            "s3:ListBucket: current answer is 403. If it is another account's, choose another --name",
        );
      }
      if (status === 301) {
        throw new CommandError(
          `Cannot use the bucket ${Bucket} as it must be in ${region}: current answer is that it is in another region. Choose that --region, or another --name`,
        );
      }
      throw error;
    }
  }

  async function read(Bucket: string): Promise<Properties> {
    const [ownership, access, encryption, versioning, lifecycle, tagging] = await Promise.all([
      configured(client.send(new GetBucketOwnershipControlsCommand(of(Bucket)))),
      configured(client.send(new GetPublicAccessBlockCommand(of(Bucket)))),
      configured(client.send(new GetBucketEncryptionCommand(of(Bucket)))),
      client.send(new GetBucketVersioningCommand(of(Bucket))),
      configured(client.send(new GetBucketLifecycleConfigurationCommand(of(Bucket)))),
      configured(client.send(new GetBucketTaggingCommand(of(Bucket)))),
    ]);
    return asProperties({
      BucketName: Bucket,
      OwnershipControls: ownership?.OwnershipControls,
      PublicAccessBlockConfiguration: access?.PublicAccessBlockConfiguration,
      BucketEncryption: {
        ServerSideEncryptionConfiguration: encryption?.ServerSideEncryptionConfiguration?.Rules?.map((
          { ApplyServerSideEncryptionByDefault, ...rest },
        ) => ({ ServerSideEncryptionByDefault: ApplyServerSideEncryptionByDefault, ...rest })),
      },
      VersioningConfiguration: { Status: versioning.Status },
      LifecycleConfiguration: { Rules: lifecycle?.Rules?.map(templateRule) ?? [] },
      Tags: tagging?.TagSet ?? [],
    });
  }

  return {
    label: "bucket",
    mark: "Tags",
    fixed: [],
    async find({ name }) {
      return await exists(name) ? { properties: await read(name) } : undefined;
    },
    async create({ name: Bucket, properties: { Tags } }) {
      // the SDK adds the client's region, where there is a constraint for it
      await client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { Tags } }));
      // what else a new bucket has, S3 decides: it is blocked and encrypted today, and told so all the same
      return asProperties({ BucketName: Bucket, Tags });
    },
    async change({ name, properties }, names) {
      const bucket = of(name);
      if (names.has("PublicAccessBlockConfiguration")) {
        const { PublicAccessBlockConfiguration } = properties;
        await client.send(new PutPublicAccessBlockCommand({ ...bucket, PublicAccessBlockConfiguration }));
      }
      if (names.has("OwnershipControls")) {
        const { OwnershipControls } = properties;
        await client.send(new PutBucketOwnershipControlsCommand({ ...bucket, OwnershipControls }));
      }
      if (names.has("BucketEncryption")) {
        const Rules = properties.BucketEncryption.ServerSideEncryptionConfiguration.map((rule) => ({
          ApplyServerSideEncryptionByDefault: rule.ServerSideEncryptionByDefault,
        }));
        await client.send(
          new PutBucketEncryptionCommand({ ...bucket, ServerSideEncryptionConfiguration: { Rules } }),
        );
      }
      if (names.has("VersioningConfiguration")) {
        const { VersioningConfiguration } = properties;
        await client.send(new PutBucketVersioningCommand({ ...bucket, VersioningConfiguration }));
      }
      if (names.has("LifecycleConfiguration")) {
        const Rules = properties.LifecycleConfiguration.Rules.map(apiRule);
        await client.send(
          new PutBucketLifecycleConfigurationCommand({ ...bucket, LifecycleConfiguration: { Rules } }),
        );
      }
    },
    async kept({ name }) {
      const { Versions = [], DeleteMarkers = [] } = await client.send(
        new ListObjectVersionsCommand({ ...of(name), MaxKeys: 1 }),
      );
      return Versions.length + DeleteMarkers.length > 0
        ? "it holds data, old versions included: empty it yourself, then run again"
        : undefined;
    },
    async remove({ name }) {
      await lookUp(client.send(new DeleteBucketCommand(of(name))));
    },
  };
}
