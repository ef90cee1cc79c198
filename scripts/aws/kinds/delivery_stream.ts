/** The delivery stream: from the Kinesis stream to the function, with a copy of everything in the lake. */

import {
  CreateDeliveryStreamCommand,
  type CreateDeliveryStreamCommandInput,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  type FirehoseClient,
  type HttpEndpointDestinationConfiguration,
  type HttpEndpointDestinationDescription,
  ListTagsForDeliveryStreamCommand,
  UpdateDestinationCommand,
} from "@aws-sdk/client-firehose";
import { CommandError } from "../../cli.ts";
import { codeOf, lookUp } from "../clients.ts";
import { asProperties, type Kind, type Tag, type Target } from "../kind.ts";
import { type Patience, waitFor } from "../waiting.ts";

interface DeliveryStream extends CreateDeliveryStreamCommandInput {
  readonly HttpEndpointDestinationConfiguration: HttpEndpointDestinationConfiguration;
  readonly Tags: Tag[];
}

/**
 * How Firehose refuses a role that IAM has just made: it asks IAM at once, and IAM needs some seconds to know a role
 * and its policies everywhere.
 */
const ROLE_NOT_READY =
  /unable to assume role|is not authorized to perform|Verify that the IAM role has access/i;

/** The destination as the configuration that makes it. */
function configurationOf(description: HttpEndpointDestinationDescription | undefined): object | undefined {
  if (description === undefined) return undefined;
  const { S3DestinationDescription, ...rest } = description;
  return { ...rest, S3Configuration: S3DestinationDescription };
}

/**
 * The delivery stream.
 *
 * @param rolePatience How long a new role may take to be known everywhere.
 */
export function deliveryStreamKind(
  client: FirehoseClient,
  patience: Patience,
  rolePatience: Patience,
): Kind<DeliveryStream> {
  const describe = async (DeliveryStreamName: string) =>
    (await lookUp(client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }))))
      ?.DeliveryStreamDescription;

  async function settle({ name }: Target<DeliveryStream>): Promise<void> {
    await waitFor(`the delivery stream ${name} becoming ACTIVE`, patience, async () => {
      const status = (await describe(name))?.DeliveryStreamStatus;
      return status === "CREATING" || status === "DELETING"
        ? { waiting: `it is ${status}` }
        : { done: undefined };
    });
  }

  return {
    label: "delivery stream",
    mark: "Tags",
    fixed: ["DeliveryStreamType", "KinesisStreamSourceConfiguration"],
    lost: "with what it has read and not yet delivered; the copy in the bucket stays",
    settle,
    async find({ name }) {
      const stream = await describe(name);
      if (stream === undefined) return undefined;
      const { Tags } = await client.send(new ListTagsForDeliveryStreamCommand({ DeliveryStreamName: name }));
      const { KinesisStreamARN, RoleARN } = stream.Source?.KinesisStreamSourceDescription ?? {};
      const failed = stream.DeliveryStreamStatus?.endsWith("_FAILED");
      const reason = stream.FailureDescription;
      return {
        broken: failed
          ? `${stream.DeliveryStreamStatus}${reason ? ` (${reason.Type}: ${reason.Details})` : ""}`
          : undefined,
        properties: asProperties({
          DeliveryStreamName: name,
          DeliveryStreamType: stream.DeliveryStreamType,
          KinesisStreamSourceConfiguration: { KinesisStreamARN, RoleARN },
          HttpEndpointDestinationConfiguration: configurationOf(
            stream.Destinations?.[0]?.HttpEndpointDestinationDescription,
          ),
          Tags,
        }),
      };
    },
    async create({ properties }) {
      await waitFor("Firehose being able to use its new role", rolePatience, async () => {
        try {
          await client.send(new CreateDeliveryStreamCommand(properties));
          return { done: undefined };
        } catch (error) {
          if (codeOf(error) !== "InvalidArgumentException") throw error;
          if (!ROLE_NOT_READY.test((error as Error).message)) throw error;
          return { waiting: (error as Error).message };
        }
      });
      return asProperties(properties);
    },
    async change({ name, properties }) {
      const stream = await describe(name);
      const { S3Configuration, ...rest } = properties.HttpEndpointDestinationConfiguration;
      await client.send(
        new UpdateDestinationCommand({
          DeliveryStreamName: name,
          CurrentDeliveryStreamVersionId: stream?.VersionId,
          DestinationId: stream?.Destinations?.[0]?.DestinationId,
          HttpEndpointDestinationUpdate: { ...rest, S3Update: S3Configuration },
        }),
      );
    },
    async remove({ name }) {
      await lookUp(client.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: name })));
      await waitFor(`the delivery stream ${name} being deleted`, patience, async () => {
        const stream = await describe(name);
        if (stream === undefined) return { done: undefined };
        if (stream.DeliveryStreamStatus === "DELETING_FAILED") {
          throw new CommandError(
            `Cannot delete the delivery stream ${name} as Firehose must be able to: current value is ` +
              `${stream.FailureDescription?.Type}: ${stream.FailureDescription?.Details}`,
          );
        }
        return { waiting: `it is ${stream.DeliveryStreamStatus}` };
      });
    },
  };
}
