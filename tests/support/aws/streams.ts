/** Kinesis: kinesalite, and what it does not know of: on-demand streams, scaling, encryption. */

import kinesalite from "kinesalite";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { operation, Refusal, type Service } from "./exchange.ts";

const streamName = z.string().regex(/^[a-zA-Z0-9_.-]{1,128}$/);
const tags = z.record(z.string().min(1).max(128), z.string().max(256));
const mode = z.strictObject({ StreamMode: z.enum(["ON_DEMAND", "PROVISIONED"]) });
const retention = z.int().min(24).max(8760);

/** ms that a change takes, as what kinesalite is told. */
const UPDATE_MS = 50;

/** With how many shards AWS begins an on-demand stream. */
const ON_DEMAND_SHARDS = 4;

/** What kinesalite does not keep of a stream. */
interface Extra {
  mode: "ON_DEMAND" | "PROVISIONED";
  shards: number;
  key: string | undefined;
  /** Until when it is shown as UPDATING, and refuses to be changed. */
  busyUntilMs: number;
  /** Those that it was made with, which kinesalite does not take. */
  readonly tags: Record<string, string>;
}

type Forward = (operation: string, input: object) => Promise<Record<string, unknown>>;

/** The streams of an account. */
export class Streams {
  readonly extras = new Map<string, Extra>();
  readonly #server = kinesalite({
    createStreamMs: 50,
    deleteStreamMs: 50,
    updateStreamMs: UPDATE_MS,
    shardLimit: 1000,
  });
  #endpoint = "";

  constructor(private readonly account: string, private readonly region: string) {}

  /** Starts kinesalite. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", () => resolve()));
    this.#endpoint = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends kinesalite. */
  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }

  readonly #forward: Forward = async (name, input) => {
    const response = await fetch(this.#endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `Kinesis_20131202.${name}`,
        // kinesalite wants a signature and does not check it; the stand-in has
        "authorization":
          `AWS4-HMAC-SHA256 Credential=AKIA/20261123/${this.region}/kinesis/aws4_request, SignedHeaders=host, ` +
          "Signature=0000000000000000000000000000000000000000000000000000000000000000",
        "x-amz-date": "20261123T000000Z",
      },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    const answer = text === "" ? {} : JSON.parse(text);
    if (response.ok) return answer;
    throw new Refusal(answer.__type, answer.message ?? text, response.status);
  };

  /** Whether there is a stream with this ARN. */
  async exists(arn: string): Promise<boolean> {
    const StreamName = arn.split("/").at(-1)!;
    if (arn !== this.#arn(StreamName)) return false;
    return await this.#forward("DescribeStreamSummary", { StreamName }).then(() => true, () => false);
  }

  #arn(name: string): string {
    return `arn:aws:kinesis:${this.region}:${this.account}:stream/${name}`;
  }

  #extra(name: string): Extra {
    const extra = this.extras.get(name);
    if (extra === undefined) throw new Refusal("ResourceNotFoundException", `Stream ${name} not found.`);
    return extra;
  }

  /** The stream, to be changed: Kinesis changes it when it is ACTIVE only, and is busy with it afterwards. */
  async #active(StreamName: string): Promise<Extra> {
    const answer = await this.#forward("DescribeStreamSummary", { StreamName });
    const { StreamStatus } = answer.StreamDescriptionSummary as { StreamStatus: string };
    const extra = this.#extra(StreamName);
    if (StreamStatus !== "ACTIVE" || extra.busyUntilMs > performance.now()) {
      throw new Refusal("ResourceInUseException", `Stream ${StreamName} is not ACTIVE`);
    }
    extra.busyUntilMs = performance.now() + UPDATE_MS;
    return extra;
  }

  #known(name: string, input: z.ZodType): Service {
    return { [name]: operation(input, async (one) => await this.#forward(name, one as object)) };
  }

  readonly service: Service = {
    ...this.#known(
      "IncreaseStreamRetentionPeriod",
      z.strictObject({ StreamName: streamName, RetentionPeriodHours: retention }),
    ),
    ...this.#known(
      "DecreaseStreamRetentionPeriod",
      z.strictObject({ StreamName: streamName, RetentionPeriodHours: retention }),
    ),
    CreateStream: operation(
      z.strictObject({
        StreamName: streamName,
        ShardCount: z.int().min(1).optional(),
        StreamModeDetails: mode,
        Tags: tags.optional(),
      }),
      async ({ StreamName, ShardCount, StreamModeDetails: { StreamMode }, Tags }) => {
        if ((StreamMode === "PROVISIONED") !== (ShardCount !== undefined)) {
          throw new Refusal(
            "ValidationException",
            "ShardCount belongs to provisioned streams, which cannot do without",
          );
        }
        const shards = ShardCount ?? ON_DEMAND_SHARDS;
        await this.#forward("CreateStream", { StreamName, ShardCount: shards });
        this.extras.set(StreamName, {
          mode: StreamMode,
          shards,
          key: undefined,
          busyUntilMs: 0,
          tags: Tags ?? {},
        });
        return undefined;
      },
    ),
    ListTagsForStream: operation(z.strictObject({ StreamName: streamName }), async ({ StreamName }) => {
      const { Tags } = await this.#forward("ListTagsForStream", { StreamName });
      const first = Object.entries(this.#extra(StreamName).tags).map(([Key, Value]) => ({ Key, Value }));
      return { Tags: [...first, ...Tags as object[]], HasMoreTags: false };
    }),
    DescribeStreamSummary: operation(z.strictObject({ StreamName: streamName }), async ({ StreamName }) => {
      const answer = await this.#forward("DescribeStreamSummary", { StreamName });
      const { mode, shards, key, busyUntilMs } = this.#extra(StreamName);
      return {
        StreamDescriptionSummary: {
          ...answer.StreamDescriptionSummary as object,
          ...(busyUntilMs > performance.now() ? { StreamStatus: "UPDATING" } : {}),
          StreamARN: this.#arn(StreamName),
          StreamModeDetails: { StreamMode: mode },
          OpenShardCount: shards,
          ...(key === undefined ? {} : { EncryptionType: "KMS", KeyId: key }),
        },
      };
    }),
    UpdateStreamMode: operation(
      z.strictObject({ StreamARN: z.string(), StreamModeDetails: mode }),
      async ({ StreamARN, StreamModeDetails }) => {
        (await this.#active(StreamARN.split("/").at(-1)!)).mode = StreamModeDetails.StreamMode;
      },
    ),
    UpdateShardCount: operation(
      z.strictObject({
        StreamName: streamName,
        TargetShardCount: z.int().min(1),
        ScalingType: z.literal("UNIFORM_SCALING"),
      }),
      async ({ StreamName, TargetShardCount }) => {
        const extra = await this.#active(StreamName);
        if (extra.mode === "ON_DEMAND") throw new Refusal("ValidationException", "The stream is on demand");
        if (TargetShardCount > 2 * extra.shards || TargetShardCount < extra.shards / 2) {
          throw new Refusal("InvalidArgumentException", "UpdateShardCount cannot more than double or halve");
        }
        extra.shards = TargetShardCount;
        return {};
      },
    ),
    StartStreamEncryption: operation(
      z.strictObject({
        StreamName: streamName,
        EncryptionType: z.literal("KMS"),
        KeyId: z.string().min(1).max(2048),
      }),
      async ({ StreamName, KeyId }) => void ((await this.#active(StreamName)).key = KeyId),
    ),
    DeleteStream: operation(
      z.strictObject({ StreamName: streamName }),
      async ({ StreamName }) => {
        await this.#forward("DeleteStream", { StreamName });
        return undefined;
      },
    ),
  };
}
