/** The clients of all services that are set up, and what an answer of theirs means. */

import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { IAMClient } from "@aws-sdk/client-iam";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { STSClient } from "@aws-sdk/client-sts";
import { CommandError } from "../cli.ts";
import { clientConfig } from "./client_config.ts";

/** A client of each service. */
export interface Clients {
  readonly kinesis: KinesisClient;
  readonly firehose: FirehoseClient;
  readonly s3: S3Client;
  readonly sns: SNSClient;
  readonly iam: IAMClient;
  readonly logs: CloudWatchLogsClient;
  readonly sts: STSClient;
}

/** Where IAM's action is not called as the command. */
const ACTIONS: Record<string, string> = {
  "s3:CreateBucket": "s3:CreateBucket and s3:TagResource",
  "s3:HeadBucket": "s3:ListBucket",
  "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
  "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
  "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
  "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
  "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
  "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
  "s3:ListObjectVersions": "s3:ListBucketVersions",
};

/** What was asked for when an error came. */
const actions = new WeakMap<object, string>();

/** Remembers with each error which action of IAM it is about: services themselves name it in some messages only. */
function remember<Client extends Clients[keyof Clients]>(client: Client, service: string): Client {
  // each client has its own types of input, and none of them is looked at here
  (client.middlewareStack as KinesisClient["middlewareStack"]).add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const command = `${service}:${String(context.commandName).replace(/Command$/, "")}`;
        if (typeof error === "object" && error !== null) actions.set(error, ACTIONS[command] ?? command);
        throw error;
      }
    },
    { step: "initialize", name: "rememberAction" },
  );
  return client;
}

/** What all clients are made with. */
export interface ClientOptions {
  readonly region: string;
  /** The environment's unless given. */
  readonly endpoint?: string;
  /** The environment's unless given. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The clients of a region. */
export function createClients(options: ClientOptions): Clients {
  const config = { ...clientConfig(), ...options };
  return {
    kinesis: remember(new KinesisClient(config), "kinesis"),
    firehose: remember(new FirehoseClient(config), "firehose"),
    s3: remember(new S3Client(config), "s3"),
    sns: remember(new SNSClient(config), "sns"),
    iam: remember(new IAMClient(config), "iam"),
    logs: remember(new CloudWatchLogsClient(config), "logs"),
    sts: remember(new STSClient(config), "sts"),
  };
}

/** Ends their connections. */
export function closeClients(clients: Clients): void {
  for (const client of Object.values(clients)) client.destroy();
}

/** An error's name, which is the code that the service documents. */
export function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** HTTP's status, where there was an answer. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode;
}

/** Each service has its own name for "there is no such thing". */
const ABSENT = new Set([
  "NoSuchEntity",
  "NoSuchEntityException",
  "NotFound",
  "NotFoundException",
  "ResourceNotFoundException",
]);

/** Whether the answer was that there is no such thing. */
export function isAbsent(error: unknown): boolean {
  return ABSENT.has(codeOf(error)) || (statusOf(error) === 404 && codeOf(error).startsWith("NoSuch"));
}

/** Looks something up: undefined when there is no such thing. */
export async function lookUp<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

const EXISTS = new Set([
  "BucketAlreadyOwnedByYou",
  "EntityAlreadyExists",
  "EntityAlreadyExistsException",
  "ResourceAlreadyExistsException",
  "ResourceInUseException",
]);

/** Whether the answer was that it is there already, as it is when an answer was lost and the SDK asked again. */
export function isThere(error: unknown): boolean {
  return EXISTS.has(codeOf(error));
}

const DENIED =
  /^(AccessDenied|AccessDeniedException|AuthorizationError|AuthorizationErrorException|UnauthorizedOperation|Forbidden)$/;

/** Whether whoever asks lacks the right to. */
export function isDenied(error: unknown): boolean {
  return DENIED.test(codeOf(error)) || statusOf(error) === 403;
}

/** A secret or token that does not belong to a key, or a clock that is wrong: no right would help. */
const NOT_SIGNED =
  /^(SignatureDoesNotMatch|InvalidSignatureException|InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|ExpiredToken|ExpiredTokenException|IncompleteSignature|RequestTimeTooSkewed)$/;

/**
 * The error as a message for people: what was being done, and what is missing.
 *
 * @param doing `create the stream spool`.
 */
export function explain(doing: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const action = typeof error === "object" && error !== null ? actions.get(error) : undefined;
  if (NOT_SIGNED.test(codeOf(error))) {
    return new CommandError(`Cannot ${doing} as AWS must accept the credentials: current answer is ${said}`);
  }
  if (isDenied(error)) {
    return new CommandError(
      `Cannot ${doing} as the caller must be allowed ${action ?? "to"}: current answer is ${said}`,
    );
  }
  return new CommandError(`Cannot ${doing} as ${action ?? "AWS"} must succeed: current answer is ${said}`);
}
