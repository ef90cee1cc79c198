/** How what exists differs from what should. */

import type { Properties, Value } from "./intrinsics.ts";

/** One difference, at the smallest member that differs. */
export interface Difference {
  /** `LifecycleConfiguration.Rules[daily-backups-expire].ExpirationInDays`. */
  readonly path: string;
  readonly found: Value | null;
  readonly wanted: Value;
}

/** AWS never tells what it was given here. */
const WRITE_ONLY = new Set(["AccessKey"]);

/** Members that name an element of a list, so that the same elements are compared whatever their order. */
const NAMES = ["Id", "PolicyName", "Sid"];

function nameOf(value: Value): string | undefined {
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const member = NAMES.find((name) => typeof value[name] === "string");
  return member === undefined ? undefined : String(value[member]);
}

function isTag(value: Value): value is { Key: string; Value: string } {
  return typeof value === "object" && !Array.isArray(value) && "Key" in value && "Value" in value;
}

function sorted(values: Value[]): Value[] {
  return values.every((value) => typeof value !== "object") ? values.toSorted() : values;
}

function* compareLists(path: string, wanted: Value[], found: Value[], whole: boolean): Iterable<Difference> {
  const others: Difference = { path, found, wanted };
  // tags of others, of CloudFormation or a cost centre, are none of our business
  if (wanted.length > 0 && wanted.every(isTag)) {
    const missing = wanted.filter((tag) =>
      !found.some((other) => isTag(other) && other.Key === tag.Key && other.Value === tag.Value)
    );
    if (missing.length > 0) yield others;
    return;
  }
  if (wanted.length !== found.length) return yield others;
  const names = wanted.map(nameOf);
  if (names.every((name) => name !== undefined)) {
    const named = new Map(found.map((value) => [nameOf(value), value]));
    if (names.some((name) => !named.has(name))) return yield others;
    for (const [i, value] of wanted.entries()) {
      yield* compare(`${path}[${names[i]}]`, value, named.get(names[i]), whole);
    }
    return;
  }
  const left = sorted(wanted);
  const right = sorted(found);
  for (const [i, value] of left.entries()) yield* compare(`${path}[${i}]`, value, right[i], whole);
}

/**
 * @param whole Whether members that are not wanted differ, too. Elsewhere they do not: AWS adds its own defaults to
 *   what it was given.
 */
function* compare(
  path: string,
  wanted: Value,
  found: Value | undefined,
  whole: boolean,
): Iterable<Difference> {
  if (found === undefined) return yield { path, found: null, wanted };
  if (Array.isArray(wanted)) {
    // a policy document may write a list of one as the one
    yield* compareLists(path, wanted, Array.isArray(found) ? found : [found], whole);
  } else if (typeof wanted === "object") {
    if (typeof found !== "object" || Array.isArray(found)) return yield { path, found, wanted };
    if (whole && Object.keys(found).some((member) => !(member in wanted))) yield { path, found, wanted };
    for (const [member, value] of Object.entries(wanted)) {
      if (WRITE_ONLY.has(member)) continue;
      yield* compare(`${path}.${member}`, value, found[member], whole || member.endsWith("PolicyDocument"));
    }
  } else if (Array.isArray(found) && found.length === 1) {
    yield* compare(path, wanted, found[0], whole);
  } else if (wanted !== found) {
    yield { path, found, wanted };
  }
}

/**
 * Where `found` is not as `wanted`. Members that AWS adds by itself are not looked at, but in policy documents, where
 * any addition is a right more.
 */
export function differences(wanted: Properties, found: Properties): Difference[] {
  return Object.entries(wanted).flatMap(([property, value]) => [
    ...compare(property, value, found[property], property.endsWith("PolicyDocument")),
  ]);
}
