/** Simulated readings onto a Kinesis stream: one record a reading, in the order of each engine. */

import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { Reading } from "../../shared/reading.ts";
import { Producer } from "../kinesis/producer.ts";
import { NotSentError, type Target, type TargetCounts } from "./target.ts";

/** Which stream. */
export interface KinesisTargetOptions {
  readonly client: KinesisClient;
  readonly stream: string;
  /** Path of the producer's spill file. */
  readonly spill: string;
  readonly onWarning?: (message: string) => void;
}

const encoder = new TextEncoder();

/** Puts readings. */
export class KinesisTarget implements Target {
  private readonly producer: Producer;

  /** @throws {CommandError} Another process uses the spill file. */
  constructor(private readonly options: KinesisTargetOptions) {
    this.producer = new Producer(options);
  }

  get name(): string {
    return `the stream ${this.options.stream}`;
  }

  async send(readings: readonly Reading[]): Promise<void> {
    try {
      for (const reading of readings) {
        await this.producer.put({
          partitionKey: reading.engine_id,
          data: encoder.encode(JSON.stringify(reading)),
        });
      }
    } catch (error) {
      throw new NotSentError((error as Error).message, { cause: error });
    }
  }

  counts(): TargetCounts {
    const { sent, recovered, retried, rejected } = this.producer.counts;
    return { accepted: sent - recovered, duplicates: null, rejected, retries: retried, rejections: [] };
  }

  async close(): Promise<void> {
    // as long as the stream takes them: closing alone soon leaves the rest to the next run. What fails, close tells
    await this.producer.flush().catch(() => {});
    const { spilled, failure } = await this.producer.close();
    if (spilled === 0 && failure === null) return;
    throw new NotSentError(
      `${this.name} did not take ${spilled} records, which are in ${this.options.spill} and are sent first by the ` +
        `next run${failure === null ? "" : `: ${failure}`}`,
    );
  }
}
