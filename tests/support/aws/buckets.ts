/** S3: buckets, their configurations as they were put, and their objects' versions. */

import { crc32 } from "node:zlib";
import { z } from "zod";
import { escape, fromXml, Refusal } from "./exchange.ts";

const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

const whole = (least: number, most = 100_000) =>
  z.string().regex(/^\d+$/).refine((text) => Number(text) >= least && Number(text) <= most);

const tag = z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) });

const rule = z.strictObject({
  ID: z.string().min(1).max(255),
  Status: z.enum(["Enabled", "Disabled"]),
  Filter: z.strictObject({ Prefix: z.string() }),
  Expiration: z.union([
    z.strictObject({ Days: whole(1) }),
    z.strictObject({ ExpiredObjectDeleteMarker: z.enum(["true", "false"]) }),
  ]).optional(),
  // nothing goes to infrequent access within its first 30 days
  Transition: z.array(z.strictObject({
    Days: whole(30),
    StorageClass: z.enum(["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER"]),
  })).optional(),
  NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: whole(1) }).optional(),
  AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: whole(1) }).optional(),
}).refine(
  ({ ID: _id, Status: _status, Filter: _filter, ...actions }) => Object.keys(actions).length > 0,
  "a rule must do something",
);

/** Each configuration: its name in the query, the operations' names, its document, and what S3 says without one. */
const CONFIGURATIONS: Record<string, {
  readonly name: string;
  readonly put: string;
  readonly get: string;
  readonly document: z.ZodType;
  readonly missing?: string;
}> = {
  tagging: {
    name: "tagging",
    put: "PutBucketTagging",
    get: "GetBucketTagging",
    document: z.strictObject({
      Tagging: z.strictObject({ TagSet: z.strictObject({ Tag: z.array(tag).min(1).max(50) }) }),
    }),
    missing: "NoSuchTagSet",
  },
  lifecycle: {
    name: "lifecycle",
    put: "PutBucketLifecycleConfiguration",
    get: "GetBucketLifecycleConfiguration",
    document: z.strictObject({
      LifecycleConfiguration: z.strictObject({ Rule: z.array(rule).min(1).max(1000) }).refine(
        ({ Rule }) => new Set(Rule.map(({ ID }) => ID)).size === Rule.length,
        "IDs must be unique",
      ),
    }),
    missing: "NoSuchLifecycleConfiguration",
  },
  encryption: {
    name: "encryption",
    put: "PutBucketEncryption",
    get: "GetBucketEncryption",
    document: z.strictObject({
      ServerSideEncryptionConfiguration: z.strictObject({
        Rule: z.array(z.strictObject({
          ApplyServerSideEncryptionByDefault: z.strictObject({ SSEAlgorithm: z.enum(["AES256", "aws:kms"]) }),
          BucketKeyEnabled: z.enum(["true", "false"]).optional(),
        })).length(1),
      }),
    }),
  },
  versioning: {
    name: "versioning",
    put: "PutBucketVersioning",
    get: "GetBucketVersioning",
    document: z.strictObject({
      VersioningConfiguration: z.strictObject({ Status: z.enum(["Enabled", "Suspended"]) }),
    }),
  },
  publicAccessBlock: {
    name: "publicAccessBlock",
    put: "PutPublicAccessBlock",
    get: "GetPublicAccessBlock",
    document: z.strictObject({
      PublicAccessBlockConfiguration: z.strictObject(Object.fromEntries(
        ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"].map((
          name,
        ) => [name, z.enum(["true", "false"])]),
      )),
    }),
    missing: "NoSuchPublicAccessBlockConfiguration",
  },
  ownershipControls: {
    name: "ownershipControls",
    put: "PutBucketOwnershipControls",
    get: "GetBucketOwnershipControls",
    document: z.strictObject({
      OwnershipControls: z.strictObject({
        Rule: z.array(z.strictObject({
          ObjectOwnership: z.enum(["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]),
        })).length(1),
      }),
    }),
    missing: "OwnershipControlsNotFoundError",
  },
};

const creation = z.strictObject({
  CreateBucketConfiguration: z.strictObject({
    LocationConstraint: z.string().optional(),
    Tags: z.strictObject({ Tag: z.array(tag).max(50) }).optional(),
  }),
});

interface Bucket {
  readonly owner: string;
  readonly region: string;
  /** Documents by the name that they have in the query. */
  readonly documents: Map<string, string>;
  /** Keys of objects, old versions included. */
  readonly keys: string[];
}

/** What was asked for. */
export interface BucketRequest {
  readonly operation: string;
  readonly input: Record<string, unknown>;
  /** Does it, and answers. */
  answer(): Response;
}

function xml(text: string, status = 200): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>${text}`, {
    status,
    headers: { "content-type": "application/xml" },
  });
}

/** All buckets that there are, anybody's. */
export class Buckets {
  readonly buckets = new Map<string, Bucket>();

  constructor(private readonly account: string, private readonly region: string) {}

  /** Makes a bucket as somebody else, or with objects in it. */
  add(name: string, owner = this.account, region = this.region, keys: string[] = []): Bucket {
    const bucket: Bucket = { owner, region, documents: new Map(), keys };
    // as every bucket of today begins
    bucket.documents.set(
      "encryption",
      `<ServerSideEncryptionConfiguration ${NAMESPACE}><Rule><ApplyServerSideEncryptionByDefault>` +
        "<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>" +
        "<BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>",
    );
    bucket.documents.set("versioning", `<VersioningConfiguration ${NAMESPACE}/>`);
    this.buckets.set(name, bucket);
    return bucket;
  }

  #own(name: string, expectedOwner: string | null): Bucket {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) throw new Refusal("NoSuchBucket", "The specified bucket does not exist", 404);
    if (bucket.owner !== this.account || (expectedOwner ?? this.account) !== bucket.owner) {
      throw new Refusal("AccessDenied", "Access Denied", 403);
    }
    if (bucket.region !== this.region) {
      throw new Refusal("PermanentRedirect", "The bucket must be addressed using its endpoint.", 301);
    }
    return bucket;
  }

  /** What a request asks for. */
  read(request: Request, body: string): BucketRequest {
    const url = new URL(request.url);
    const name = url.pathname.split("/")[1];
    const owner = request.headers.get("x-amz-expected-bucket-owner");
    const configuration = Object.values(CONFIGURATIONS).find(({ name }) => url.searchParams.has(name));
    const input = { Bucket: name };

    if (configuration !== undefined && request.method === "GET") {
      const { get, missing, name: query } = configuration;
      return {
        operation: get,
        input,
        answer: () => {
          const document = this.#own(name, owner).documents.get(query);
          if (document === undefined) throw new Refusal(missing!, "It is not configured", 404);
          return xml(document);
        },
      };
    }
    if (configuration !== undefined && request.method === "PUT") {
      const { put, document, name: query } = configuration;
      const content = fromXml(body, ["Rule", "Tag", "Transition"]);
      return {
        operation: put,
        input: { ...input, ...content },
        answer: () => {
          checkSum(request, body);
          document.parse(content);
          const bucket = this.#own(name, owner);
          // as S3 shows it afterwards
          bucket.documents.set(
            query,
            body.replace(/^<\?xml[^>]*\?>/, "").replace(
              "</ApplyServerSideEncryptionByDefault></Rule>",
              "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>",
            ),
          );
          return new Response(null);
        },
      };
    }
    if (request.method === "HEAD") {
      return {
        operation: "HeadBucket",
        input,
        answer: () => {
          const { region } = this.#own(name, owner);
          return new Response(null, { headers: { "x-amz-bucket-region": region } });
        },
      };
    }
    if (request.method === "PUT") {
      const content = fromXml(body, ["Tag"]);
      return {
        operation: "CreateBucket",
        input: { ...input, ...content },
        answer: () => this.#create(name, content),
      };
    }
    if (request.method === "GET" && url.searchParams.has("versions")) {
      return {
        operation: "ListObjectVersions",
        input,
        answer: () => {
          const versions = this.#own(name, owner).keys.map((key) =>
            `<Version><Key>${escape(key)}</Key><VersionId>1</VersionId><IsLatest>false</IsLatest></Version>`
          );
          return xml(
            `<ListVersionsResult ${NAMESPACE}><Name>${name}</Name>${versions.join("")}</ListVersionsResult>`,
          );
        },
      };
    }
    if (request.method === "DELETE" && url.search === "") {
      return {
        operation: "DeleteBucket",
        input,
        answer: () => {
          if (this.#own(name, owner).keys.length > 0) {
            throw new Refusal("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
          }
          this.buckets.delete(name);
          return new Response(null, { status: 204 });
        },
      };
    }
    throw new Refusal("NotImplemented", `${request.method} ${url.pathname}${url.search}`, 501);
  }

  #create(name: string, content: Record<string, unknown>): Response {
    const { LocationConstraint, Tags } = creation.parse(content).CreateBucketConfiguration;
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      throw new Refusal("InvalidBucketName", "The specified bucket is not valid.");
    }
    if (LocationConstraint !== (this.region === "us-east-1" ? undefined : this.region)) {
      throw new Refusal(
        "IllegalLocationConstraintException",
        `The ${LocationConstraint ?? "unspecified"} location constraint is incompatible for this region`,
      );
    }
    const present = this.buckets.get(name);
    if (present !== undefined) {
      throw present.owner === this.account
        ? new Refusal("BucketAlreadyOwnedByYou", "Your previous request to create the bucket succeeded", 409)
        : new Refusal("BucketAlreadyExists", "The requested bucket name is not available", 409);
    }
    const { documents } = this.add(name);
    if (Tags !== undefined) {
      const set = Tags.Tag.map(({ Key, Value }) =>
        `<Tag><Key>${escape(Key)}</Key><Value>${escape(Value)}</Value></Tag>`
      );
      documents.set("tagging", `<Tagging ${NAMESPACE}><TagSet>${set.join("")}</TagSet></Tagging>`);
    }
    return new Response(null, { headers: { location: `/${name}` } });
  }
}

/** S3 wants a checksum with every configuration. */
function checkSum(request: Request, body: string): void {
  const sent = request.headers.get("x-amz-checksum-crc32");
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, crc32(body));
  if (sent !== bytes.toBase64()) throw new Refusal("BadDigest", "The CRC32 you specified did not match", 400);
}
