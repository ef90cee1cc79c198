/** The desired state as a CloudFormation template. */

import type { DesiredState } from "./desired_state.ts";

/** Outputs have letters and digits in their names only. */
function outputName(variable: string): string {
  return variable.toLowerCase().replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * A CloudFormation template (2010-09-09) that makes the same resources. Deploying it needs CAPABILITY_NAMED_IAM; the
 * access key is a parameter that is never shown.
 *
 * @param endpointUrl Where the function is, unless another address is given when it is deployed.
 */
export function template(
  { parameters, resources, environment }: DesiredState,
  endpointUrl?: string,
): Record<string, unknown> {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description:
      "Spool: stream, lake, delivery to the function kinesis, alerts. Written by deno task aws:setup",
    Parameters: endpointUrl === undefined
      ? parameters
      : { ...parameters, EndpointUrl: { ...parameters.EndpointUrl, Default: endpointUrl } },
    Resources: Object.fromEntries(resources.map(({ id, type, properties }) => [id, {
      Type: type,
      // data outlives the stack
      ...(type === "AWS::S3::Bucket" ? { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" } : {}),
      Properties: properties,
      // the delivery stream names its log streams in words only, which CloudFormation does not see
      ...(type === "AWS::KinesisFirehose::DeliveryStream"
        ? { DependsOn: resources.filter((one) => one.type === "AWS::Logs::LogStream").map((one) => one.id) }
        : {}),
    }])),
    Outputs: Object.fromEntries(
      Object.entries(environment).map(([variable, Value]) => [
        outputName(variable),
        { Description: `${variable} of Spool`, Value },
      ]),
    ),
  };
}
