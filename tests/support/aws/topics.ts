/** SNS: topics and their tags. */

import { z } from "zod";
import { operation, Refusal, type Service } from "./exchange.ts";
import { tags } from "./iam.ts";

const topicArn = z.string().regex(/^arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/);

/** The topics of an account in a region. */
export class Topics {
  readonly topics = new Map<string, Map<string, string>>();

  constructor(private readonly account: string, private readonly region: string) {}

  #topic(arn: string, code: string): Map<string, string> {
    const topic = this.topics.get(arn);
    if (topic === undefined) throw new Refusal(code, "Topic does not exist", 404);
    return topic;
  }

  readonly service: Service = {
    CreateTopic: operation(
      z.strictObject({ Name: z.string().regex(/^[\w-]{1,256}$/), Tags: tags.optional() }),
      ({ Name, Tags = [] }) => {
        const TopicArn = `arn:aws:sns:${this.region}:${this.account}:${Name}`;
        this.topics.set(
          TopicArn,
          this.topics.get(TopicArn) ?? new Map(Tags.map((tag) => [tag.Key, tag.Value])),
        );
        return { TopicArn };
      },
    ),
    GetTopicAttributes: operation(z.strictObject({ TopicArn: topicArn }), ({ TopicArn }) => {
      this.#topic(TopicArn, "NotFound");
      return { Attributes: {} };
    }),
    ListTagsForResource: operation(z.strictObject({ ResourceArn: topicArn }), ({ ResourceArn }) => ({
      Tags: [...this.#topic(ResourceArn, "ResourceNotFound")].map(([Key, Value]) => ({ Key, Value })),
    })),
    DeleteTopic: operation(
      z.strictObject({ TopicArn: topicArn }),
      ({ TopicArn }) => void this.topics.delete(TopicArn),
    ),
  };
}
