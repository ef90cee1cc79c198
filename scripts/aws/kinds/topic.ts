/** The SNS topic of the alerts. */

import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  type SNSClient,
} from "@aws-sdk/client-sns";
import { lookUp } from "../clients.ts";
import { asProperties, type Kind, type Tag } from "../kind.ts";

interface Topic {
  readonly TopicName: string;
  readonly Tags: Tag[];
}

/** The SNS topic of the alerts. */
export function topicKind(client: SNSClient): Kind<Topic> {
  return {
    label: "topic",
    mark: "Tags",
    fixed: [],
    lost: "with its subscriptions",
    async find({ name, arn }) {
      const topic = await lookUp(client.send(new GetTopicAttributesCommand({ TopicArn: arn })));
      if (topic === undefined) return undefined;
      const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceArn: arn }));
      return { properties: asProperties({ TopicName: name, Tags: Tags ?? [] }) };
    },
    async create({ name, properties: { Tags } }) {
      await client.send(new CreateTopicCommand({ Name: name, Tags }));
      return asProperties({ TopicName: name, Tags });
    },
    async change() {
      // it has nothing but its name and its mark
    },
    async remove({ arn }) {
      // SNS answers so whether it was there or not
      await client.send(new DeleteTopicCommand({ TopicArn: arn }));
    },
  };
}
