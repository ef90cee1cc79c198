/** The Kinesis stream. */

import {
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  type EncryptionType,
  type KinesisClient,
  ListTagsForStreamCommand,
  StartStreamEncryptionCommand,
  type StreamMode,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
} from "@aws-sdk/client-kinesis";
import { lookUp } from "../clients.ts";
import { asProperties, type Kind, type Tag, tagObject, type Target } from "../kind.ts";
import { type Patience, waitFor } from "../waiting.ts";

interface Stream {
  readonly Name: string;
  readonly RetentionPeriodHours: number;
  readonly StreamModeDetails: { readonly StreamMode: StreamMode };
  readonly ShardCount?: number;
  readonly StreamEncryption: { readonly EncryptionType: EncryptionType; readonly KeyId: string };
  readonly Tags: Tag[];
}

/** h, what every stream begins with. */
const FIRST_RETENTION_HOURS = 24;

/** The next number of shards on the way to `wanted`: one call at most doubles or halves. */
function nextShardCount(found: number, wanted: number): number {
  return Math.min(Math.max(wanted, Math.ceil(found / 2)), 2 * found);
}

/** The Kinesis stream. */
export function streamKind(client: KinesisClient, patience: Patience): Kind<Stream> {
  const describe = async (StreamName: string) =>
    (await lookUp(client.send(new DescribeStreamSummaryCommand({ StreamName }))))?.StreamDescriptionSummary;

  async function settle({ name }: Target<Stream>): Promise<void> {
    await waitFor(`the stream ${name} becoming ACTIVE`, patience, async () => {
      const status = (await describe(name))?.StreamStatus;
      return status === undefined || status === "ACTIVE"
        ? { done: undefined }
        : { waiting: `it is ${status}` };
    });
  }

  async function scale(target: Target<Stream>, wanted: number): Promise<void> {
    for (;;) {
      const found = (await describe(target.name))?.OpenShardCount ?? wanted;
      if (found === wanted) return;
      await client.send(
        new UpdateShardCountCommand({
          StreamName: target.name,
          TargetShardCount: nextShardCount(found, wanted),
          ScalingType: "UNIFORM_SCALING",
        }),
      );
      await settle(target);
    }
  }

  return {
    label: "stream",
    mark: "Tags",
    fixed: [],
    lost: "with the readings that nobody has read from it yet",
    settle,
    async find({ name }) {
      const stream = await describe(name);
      if (stream === undefined) return undefined;
      const { Tags } = await client.send(new ListTagsForStreamCommand({ StreamName: name }));
      const mode = stream.StreamModeDetails?.StreamMode ?? "PROVISIONED";
      return {
        properties: asProperties({
          Name: stream.StreamName,
          RetentionPeriodHours: stream.RetentionPeriodHours,
          StreamModeDetails: { StreamMode: mode },
          ShardCount: mode === "PROVISIONED" ? stream.OpenShardCount : undefined,
          StreamEncryption: stream.EncryptionType === "KMS"
            ? { EncryptionType: "KMS", KeyId: stream.KeyId }
            : undefined,
          Tags,
        }),
      };
    },
    async create({ name, properties: { StreamModeDetails, ShardCount, Tags } }) {
      await client.send(
        new CreateStreamCommand({ StreamName: name, StreamModeDetails, ShardCount, Tags: tagObject(Tags) }),
      );
      return asProperties({
        Name: name,
        RetentionPeriodHours: FIRST_RETENTION_HOURS,
        StreamModeDetails,
        ShardCount,
        Tags,
      });
    },
    async change(target, names) {
      const { name, arn, properties } = target;
      if (names.has("StreamModeDetails")) {
        await client.send(
          new UpdateStreamModeCommand({ StreamARN: arn, StreamModeDetails: properties.StreamModeDetails }),
        );
        await settle(target);
      }
      if (names.has("ShardCount") && properties.ShardCount !== undefined) {
        await scale(target, properties.ShardCount);
      }
      if (names.has("RetentionPeriodHours")) {
        // what should be is the least that there is
        const { RetentionPeriodHours } = properties;
        await client.send(
          new DecreaseStreamRetentionPeriodCommand({ StreamName: name, RetentionPeriodHours }),
        );
        await settle(target);
      }
      if (names.has("StreamEncryption")) {
        await client.send(
          new StartStreamEncryptionCommand({ StreamName: name, ...properties.StreamEncryption }),
        );
        await settle(target);
      }
    },
    async remove({ name }) {
      await lookUp(client.send(new DeleteStreamCommand({ StreamName: name })));
      await waitFor(`the stream ${name} being deleted`, patience, async () => {
        const status = (await describe(name))?.StreamStatus;
        return status === undefined ? { done: undefined } : { waiting: `it is ${status}` };
      });
    },
  };
}
