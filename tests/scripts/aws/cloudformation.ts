/** Checks a template against the documented properties of CloudFormation's resources. */

import schema from "./cloudformation_schema.json" with { type: "json" };

/** A type as the extract writes it: a word, a list, allowed values, or the name of a type with members. */
type Type = string | { list: Type } | { enum: (string | number)[] };
interface Members {
  required?: string[];
  members: Record<string, Type>;
}

const TYPES = schema.types as unknown as Record<string, Members>;
const RESOURCES = schema.resources as unknown as Record<string, Members & { attributes: string[] }>;
const INTRINSICS = ["Ref", "Fn::Sub", "Fn::GetAtt"];

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isIntrinsic(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 1 && INTRINSICS.includes(Object.keys(value)[0]);
}

function faultsOf(path: string, type: Type, value: unknown): string[] {
  if (typeof type === "object") {
    if ("enum" in type) return type.enum.includes(value as string) ? [] : [`${path} is ${value}`];
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((one, i) => faultsOf(`${path}[${i}]`, type.list, one));
  }
  if (type === "string") {
    return typeof value === "string" || isIntrinsic(value) ? [] : [`${path} is no string`];
  }
  if (type === "integer") return Number.isInteger(value) ? [] : [`${path} is no integer`];
  if (type === "boolean") return typeof value === "boolean" ? [] : [`${path} is no boolean`];
  if (type === "json") return isObject(value) ? [] : [`${path} is no object`];
  if (type === "tag") {
    return membersFaults(
      path,
      { required: ["Key", "Value"], members: { Key: "string", Value: "string" } },
      value,
    );
  }
  if (!(type in TYPES)) return [`${path} is not described`];
  return membersFaults(path, TYPES[type], value);
}

function membersFaults(path: string, { required = [], members }: Members, value: unknown): string[] {
  if (!isObject(value)) return [`${path} is no object`];
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${path}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, one]) =>
      name in members ? faultsOf(`${path}.${name}`, members[name], one) : [`${path}.${name} is unknown`]
    ),
  ];
}

/** Every reference in a value: `Stream`, `Stream.Arn`, `AWS::Region`. */
function* references(value: unknown): Iterable<string> {
  if (Array.isArray(value)) { for (const one of value) yield* references(one); }
  if (!isObject(value)) return;
  if (typeof value.Ref === "string") yield value.Ref;
  else if (Array.isArray(value["Fn::GetAtt"])) yield value["Fn::GetAtt"].join(".");
  else if (typeof value["Fn::Sub"] === "string") {
    for (const [, name] of value["Fn::Sub"].matchAll(/\$\{([^}]+)\}/g)) yield name;
  } else for (const one of Object.values(value)) yield* references(one);
}

const PSEUDO = ["AWS::Partition", "AWS::Region", "AWS::AccountId"];

function isKnown(reference: string, parameters: Json, resources: Json): boolean {
  const [id, ...attribute] = reference.split(".");
  if (attribute.length === 0) return PSEUDO.includes(id) || id in parameters || id in resources;
  const { Type } = (resources[id] ?? {}) as { Type: string };
  return RESOURCES[Type]?.attributes.includes(attribute.join(".")) ?? false;
}

/** What is wrong with a template; nothing when it is as documented. */
export function templateFaults(template: Record<string, unknown>): string[] {
  const { Parameters, Resources, Outputs } = template as Record<"Parameters" | "Resources" | "Outputs", Json>;
  const faults = Object.entries(Resources).flatMap(([id, resource]) => {
    const { Type, Properties, ...rest } = resource as { Type: string; Properties: unknown };
    const unknown = Object.keys(rest).filter((name) =>
      !["DependsOn", "DeletionPolicy", "UpdateReplacePolicy"].includes(name)
    );
    return [
      ...unknown.map((name) => `${id}.${name} is unknown`),
      ...(Type in RESOURCES ? membersFaults(id, RESOURCES[Type], Properties) : [`${id} is a ${Type}`]),
    ];
  });
  const named = Object.keys(Outputs).filter((name) => !/^[A-Za-z0-9]{1,255}$/.test(name));
  const dangling = [...references([Resources, Outputs])].filter((one) =>
    !isKnown(one, Parameters, Resources)
  );
  return [
    ...faults,
    ...named.map((name) => `output ${name} is no name`),
    ...dangling.map((reference) => `${reference} is nowhere`),
  ];
}
