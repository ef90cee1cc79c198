/** References of the desired state, and what they stand for in one account. */

/** JSON, with CloudFormation's Ref, Fn::GetAtt and Fn::Sub where something is not known beforehand. */
export type Value = string | number | boolean | Value[] | { [member: string]: Value };

/** Properties of a resource, in CloudFormation's words. */
export type Properties = { [name: string]: Value };

/** The kinds of resources that Spool needs. */
export type ResourceType =
  | "AWS::Kinesis::Stream"
  | "AWS::S3::Bucket"
  | "AWS::SNS::Topic"
  | "AWS::Logs::LogGroup"
  | "AWS::Logs::LogStream"
  | "AWS::IAM::Role"
  | "AWS::IAM::ManagedPolicy"
  | "AWS::KinesisFirehose::DeliveryStream";

/** One thing that should exist. */
export interface Resource {
  /** What the others refer to it by. */
  readonly id: string;
  readonly type: ResourceType;
  readonly properties: Properties;
}

/** Where the resources live. */
export interface Account {
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
}

interface Named {
  /** The property that holds its name. */
  readonly name: string;
  /** Its ARN as Fn::Sub writes it; other references are its own properties. */
  readonly arn: string;
  /** Whether Ref gives the ARN; the name otherwise. */
  readonly refIsArn?: true;
}

const REGIONAL = "${AWS::Region}:${AWS::AccountId}";

const NAMED: Record<ResourceType, Named> = {
  "AWS::Kinesis::Stream": { name: "Name", arn: `arn:\${AWS::Partition}:kinesis:${REGIONAL}:stream/\${Name}` },
  "AWS::S3::Bucket": { name: "BucketName", arn: "arn:${AWS::Partition}:s3:::${BucketName}" },
  "AWS::SNS::Topic": {
    name: "TopicName",
    arn: `arn:\${AWS::Partition}:sns:${REGIONAL}:\${TopicName}`,
    refIsArn: true,
  },
  "AWS::Logs::LogGroup": {
    name: "LogGroupName",
    arn: `arn:\${AWS::Partition}:logs:${REGIONAL}:log-group:\${LogGroupName}`,
  },
  "AWS::Logs::LogStream": {
    name: "LogStreamName",
    arn: `arn:\${AWS::Partition}:logs:${REGIONAL}:log-group:\${LogGroupName}:log-stream:\${LogStreamName}`,
  },
  "AWS::IAM::Role": {
    name: "RoleName",
    arn: "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${RoleName}",
  },
  "AWS::IAM::ManagedPolicy": {
    name: "ManagedPolicyName",
    arn: "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${ManagedPolicyName}",
    refIsArn: true,
  },
  "AWS::KinesisFirehose::DeliveryStream": {
    name: "DeliveryStreamName",
    arn: `arn:\${AWS::Partition}:firehose:${REGIONAL}:deliverystream/\${DeliveryStreamName}`,
  },
};

/** Finds out what a reference stands for: `Stream`, `Stream.Arn`, `AWS::Region`, a parameter. */
export type Lookup = (reference: string) => string;

/**
 * What references stand for in an account. All names are known beforehand, so nothing has to exist yet.
 *
 * @param parameters Values of the parameters by name.
 */
export function lookupIn(
  account: Account,
  resources: readonly Resource[],
  parameters: Readonly<Record<string, string>>,
): Lookup {
  const pseudo: Record<string, string> = {
    "AWS::Partition": account.partition,
    "AWS::Region": account.region,
    "AWS::AccountId": account.account,
    ...parameters,
  };
  const lookup: Lookup = (reference) => {
    if (reference in pseudo) return pseudo[reference];
    const [id, attribute] = reference.split(".");
    const resource = resources.find((one) => one.id === id);
    if (resource === undefined) throw new Error(`Nothing is called ${reference}`);
    const { name: property, arn, refIsArn } = NAMED[resource.type];
    const name = String(resolve(resource.properties[property], lookup));
    if (attribute === undefined && refIsArn === undefined) return name;
    return String(resolve(
      { "Fn::Sub": arn },
      (inner) => inner in pseudo ? pseudo[inner] : String(resolve(resource.properties[inner], lookup)),
    ));
  };
  return lookup;
}

/** A resource's name and ARN in an account. */
export function identify(
  resource: Resource,
  lookup: Lookup,
): { readonly name: string; readonly arn: string } {
  return {
    name: String(resolve(resource.properties[NAMED[resource.type].name], lookup)),
    arn: lookup(`${resource.id}.Arn`),
  };
}

/** The value with every reference replaced by what it stands for. */
export function resolve(value: Value, lookup: Lookup): Value {
  if (Array.isArray(value)) return value.map((one) => resolve(one, lookup));
  if (typeof value !== "object") return value;
  if (typeof value.Ref === "string") return lookup(value.Ref);
  if (typeof value["Fn::Sub"] === "string") {
    return value["Fn::Sub"].replaceAll(/\$\{([^}]+)\}/g, (_, reference: string) => lookup(reference));
  }
  if (Array.isArray(value["Fn::GetAtt"])) return lookup(value["Fn::GetAtt"].join("."));
  return Object.fromEntries(Object.entries(value).map(([member, one]) => [member, resolve(one, lookup)]));
}
