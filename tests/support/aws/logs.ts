/** CloudWatch Logs: groups, their retention and tags, and their streams. */

import { z } from "zod";
import { operation, Refusal, type Service } from "./exchange.ts";

const groupName = z.string().regex(/^[.\-_/#A-Za-z0-9]{1,512}$/);
const streamName = z.string().regex(/^[^:*]{1,512}$/);
const tags = z.record(z.string().min(1).max(128), z.string().max(256));

/** What retentions there are. */
const RETENTIONS = [
  1,
  3,
  5,
  7,
  14,
  30,
  60,
  90,
  120,
  150,
  180,
  365,
  400,
  545,
  731,
  1096,
  1827,
  2192,
  2557,
  2922,
];

interface Group {
  retention: number | undefined;
  tags: Record<string, string>;
  readonly streams: Set<string>;
}

/** The log groups of an account. */
export class Logs {
  readonly groups = new Map<string, Group>();

  #group(name: string): Group {
    const group = this.groups.get(name);
    if (group === undefined) {
      throw new Refusal("ResourceNotFoundException", "The specified log group does not exist.");
    }
    return group;
  }

  #tagged(arn: string): Group {
    return this.#group(/^arn:aws:logs:[a-z0-9-]+:\d{12}:log-group:([^:*]+)$/.exec(arn)?.[1] ?? "");
  }

  readonly service: Service = {
    DescribeLogGroups: operation(
      z.strictObject({ logGroupNamePrefix: groupName, limit: z.int().min(1).max(50) }),
      ({ logGroupNamePrefix, limit }) => ({
        logGroups: [...this.groups].filter(([name]) => name.startsWith(logGroupNamePrefix))
          .toSorted(([a], [b]) => a < b ? -1 : 1).slice(0, limit)
          .map(([logGroupName, { retention }]) => ({ logGroupName, retentionInDays: retention })),
      }),
    ),
    ListTagsForResource: operation(
      z.strictObject({ resourceArn: z.string() }),
      ({ resourceArn }) => ({ tags: this.#tagged(resourceArn).tags }),
    ),
    CreateLogGroup: operation(
      z.strictObject({ logGroupName: groupName, tags: tags.optional() }),
      ({ logGroupName, tags = {} }) => {
        if (this.groups.has(logGroupName)) {
          throw new Refusal("ResourceAlreadyExistsException", "The specified log group already exists");
        }
        this.groups.set(logGroupName, { retention: undefined, tags, streams: new Set() });
      },
    ),
    PutRetentionPolicy: operation(
      z.strictObject({ logGroupName: groupName, retentionInDays: z.literal(RETENTIONS) }),
      ({ logGroupName, retentionInDays }) => void (this.#group(logGroupName).retention = retentionInDays),
    ),
    DeleteLogGroup: operation(z.strictObject({ logGroupName: groupName }), ({ logGroupName }) => {
      this.#group(logGroupName);
      this.groups.delete(logGroupName);
    }),
    DescribeLogStreams: operation(
      z.strictObject({
        logGroupName: groupName,
        logStreamNamePrefix: streamName,
        limit: z.int().min(1).max(50),
      }),
      ({ logGroupName, logStreamNamePrefix, limit }) => ({
        logStreams: [...this.#group(logGroupName).streams].filter((name) =>
          name.startsWith(logStreamNamePrefix)
        )
          .toSorted().slice(0, limit).map((logStreamName) => ({ logStreamName })),
      }),
    ),
    CreateLogStream: operation(
      z.strictObject({ logGroupName: groupName, logStreamName: streamName }),
      ({ logGroupName, logStreamName }) => {
        const { streams } = this.#group(logGroupName);
        if (streams.has(logStreamName)) {
          throw new Refusal("ResourceAlreadyExistsException", "The specified log stream already exists");
        }
        streams.add(logStreamName);
      },
    ),
    DeleteLogStream: operation(
      z.strictObject({ logGroupName: groupName, logStreamName: streamName }),
      ({ logGroupName, logStreamName }) => void this.#group(logGroupName).streams.delete(logStreamName),
    ),
  };
}
