/** A log stream: Firehose writes to one that exists, and makes none. */

import {
  type CloudWatchLogsClient,
  CreateLogStreamCommand,
  DeleteLogStreamCommand,
  DescribeLogStreamsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { lookUp } from "../clients.ts";
import { asProperties, type Kind } from "../kind.ts";

interface LogStream {
  readonly LogGroupName: string;
  readonly LogStreamName: string;
}

/** A log stream of the log group; whose it is, the group says. */
export function logStreamKind(client: CloudWatchLogsClient): Kind<LogStream> {
  return {
    label: "log stream",
    mark: null,
    fixed: [],
    async find({ name, properties }) {
      // without the group there is no stream, either
      const answer = await lookUp(client.send(
        new DescribeLogStreamsCommand({
          logGroupName: properties.LogGroupName,
          logStreamNamePrefix: name,
          limit: 1,
        }),
      ));
      const there = answer?.logStreams?.some((one) => one.logStreamName === name) ?? false;
      return there ? { properties: asProperties(properties) } : undefined;
    },
    async create({ name, properties }) {
      await client.send(
        new CreateLogStreamCommand({ logGroupName: properties.LogGroupName, logStreamName: name }),
      );
      return asProperties(properties);
    },
    async change() {
      // it has nothing but its name
    },
    async remove({ name, properties }) {
      await lookUp(client.send(
        new DeleteLogStreamCommand({ logGroupName: properties.LogGroupName, logStreamName: name }),
      ));
    },
  };
}
