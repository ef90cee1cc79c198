/** The log group of the delivery stream's failures. */

import {
  type CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { lookUp } from "../clients.ts";
import { asProperties, type Kind, type Tag, tagList, tagObject } from "../kind.ts";

interface LogGroup {
  readonly LogGroupName: string;
  readonly RetentionInDays: number;
  readonly Tags: Tag[];
}

/** The log group of the delivery stream's failures. */
export function logGroupKind(client: CloudWatchLogsClient): Kind<LogGroup> {
  return {
    label: "log group",
    mark: "Tags",
    fixed: [],
    lost: "with what it has logged",
    async find({ name, arn }) {
      // the name comes first among those that begin with it
      const { logGroups } = await client.send(
        new DescribeLogGroupsCommand({ logGroupNamePrefix: name, limit: 1 }),
      );
      const group = logGroups?.find((one) => one.logGroupName === name);
      if (group === undefined) return undefined;
      const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn: arn }));
      return {
        properties: asProperties({
          LogGroupName: name,
          RetentionInDays: group.retentionInDays,
          Tags: tagList(tags),
        }),
      };
    },
    async create({ name, properties: { Tags } }) {
      await client.send(new CreateLogGroupCommand({ logGroupName: name, tags: tagObject(Tags) }));
      return asProperties({ LogGroupName: name, Tags });
    },
    async change({ name, properties }) {
      await client.send(
        new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: properties.RetentionInDays }),
      );
    },
    async remove({ name }) {
      await lookUp(client.send(new DeleteLogGroupCommand({ logGroupName: name })));
    },
  };
}
