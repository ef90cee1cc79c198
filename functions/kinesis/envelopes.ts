/**
 * The three envelopes in which a stream's records are delivered, told apart by their shape:
 *
 * - what Amazon Data Firehose posts to an HTTP endpoint ("HTTP endpoint delivery request and response specifications"
 *   in its Developer Guide): `{"requestId", "timestamp", "records": [{"data"}]}`
 * - the event that AWS Lambda is given ("Using Lambda with Kinesis"): `{"Records": [{"kinesis": {"data", …}, …}]}`
 * - what EventBridge Pipes sends to an API destination ("Kinesis stream as a source"): an event with `data`, an array
 *   of them, or whatever an input template has made of them ("Input transformation")
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import type { RecordIdentity } from "../../shared/candidates.ts";
import { JsonText } from "../../shared/json_text.ts";
import { Problem } from "../../shared/problem.ts";
import type { Receipt } from "../../shared/receipts.ts";

/**
 * A delivery, taken out of its envelope.
 *
 * Of each record there is its data and nothing else, as there may be ten thousand: what is only needed of rejected ones
 * is asked for when it is.
 */
export interface Delivery {
  /** Of each record: base64, JSON text, or decoded JSON. Undefined where there is none. */
  readonly data: readonly unknown[];
  /** Where the data of a record was: `records[3].data`. */
  readonly place: (record: number) => string;
  /** The text that it had in the body. */
  readonly text: (record: number) => string;
  readonly identity: (record: number) => RecordIdentity;
  /** What it was at its source: the stream, with the request's identifier or the shard and its sequence numbers. */
  readonly reference: string | null;
  /** How its sender is answered. */
  readonly envelope:
    | { readonly kind: "firehose"; readonly requestId: string; readonly receipt: Receipt }
    | { readonly kind: "lambda"; readonly sequenceNumbers: readonly string[] }
    | { readonly kind: "pipes" };
}

function unreadable(detail: string): Problem {
  return new Problem(400, "unreadable-delivery", detail);
}

/** Parses with a schema; names the first fault by its place. */
function parsed<T>(schema: z.ZodType<T>, value: unknown, sender: string): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  const place = path.map((part) => typeof part === "number" ? `[${part}]` : `.${String(part)}`).join("");
  throw unreadable(`Cannot read the delivery as it must be one of ${sender}: ${place.slice(1)}: ${message}`);
}

/** Longest text that is kept to identify something; partition keys are at most 256 characters, ARNs shorter. */
const LONGEST_NAME = 256;

/** Text as Postgres can hold it, whatever was sent. */
function name(text: string): string {
  return text.slice(0, LONGEST_NAME).toWellFormed().replaceAll("\0", "\ufffd");
}

/** What `make` gives, made when it is asked for first. */
function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

const sequenceNumber = z.string().regex(/^\d{1,129}$/, "must be a sequence number");
const required = z.unknown().refine((value) => value !== undefined, "must be there");

// Firehose

/** What Firehose posts. */
export const Firehose = z.object({
  requestId: z.string().regex(/^[\x20-\x7e]{1,256}$/, "must be an identifier"),
  records: z.array(z.object({ data: required })),
});

/** The version of the protocol that this speaks; there is no other yet. */
const PROTOCOL_VERSION = "1.0";

/** Whether a request says that Firehose sent it, whatever is in its body. */
export function isFirehose(headers: Headers): boolean {
  return headers.has("x-amz-firehose-request-id") || headers.has("x-amz-firehose-protocol-version") ||
    headers.has("x-amz-firehose-access-key");
}

function firehoseDelivery(value: unknown, body: JsonText, headers: Headers): Delivery {
  const version = headers.get("x-amz-firehose-protocol-version") ?? PROTOCOL_VERSION;
  if (version !== PROTOCOL_VERSION) {
    throw unreadable(
      `Cannot read the delivery as X-Amz-Firehose-Protocol-Version must be 1.0: current value is ${version}`,
    );
  }
  const { requestId, records } = parsed(Firehose, value, "Firehose");
  // The body's is a copy of the header's. Of two that differ either might be the one that the sender waits for.
  const header = headers.get("x-amz-firehose-request-id") ?? requestId;
  if (header !== requestId) {
    throw unreadable(
      `Cannot read the delivery as its requestId must be that of its header: current value is ${requestId}`,
    );
  }
  const stream = name(headers.get("x-amz-firehose-source-arn") ?? "");
  const data = records.map(({ data }) => data);
  const list = lazily(() => body.member("records"));
  return {
    data,
    place: (record) => `records[${record}].data`,
    text: (record) => list().element(record).member("data").text,
    identity: firehoseIdentity(stream, requestId),
    reference: `${stream} ${requestId}`.trim(),
    envelope: { kind: "firehose", requestId, receipt: { stream, requestId, digest: digestOf(data) } },
  };
}

/** In a function of its own, so that whoever keeps it keeps nothing of the body. */
function firehoseIdentity(stream: string, requestId: string): Delivery["identity"] {
  return (index) => ({ ...stream === "" ? {} : { stream }, request_id: requestId, index });
}

/** Records that are digested at a time: all at once would be as much text as the body once more, one by one is slower. */
const DIGESTED_AT_ONCE = 256;

/** Digest of the records alone: Firehose may write another timestamp each time it tries. */
function digestOf(data: readonly unknown[]): string {
  const hash = createHash("sha256");
  for (let i = 0; i < data.length; i += DIGESTED_AT_ONCE) {
    hash.update(JSON.stringify(data.slice(i, i + DIGESTED_AT_ONCE)));
  }
  return hash.digest("hex");
}

// Lambda and EventBridge Pipes: the same members, in another order

const Identified = z.object({
  eventSource: z.literal("aws:kinesis").optional(),
  eventSourceARN: z.string().optional(),
  eventID: z.string().optional(),
});

/** The event of a Lambda function. */
export const Lambda = z.object({
  Records: z.array(Identified.extend({
    kinesis: z.object({
      data: required,
      sequenceNumber,
      partitionKey: z.string().optional(),
      approximateArrivalTimestamp: z.number().optional(),
    }),
  })),
});

/** An event of EventBridge Pipes. */
export const PipesEvent = Identified.extend({
  data: required,
  sequenceNumber: sequenceNumber.optional(),
  partitionKey: z.string().optional(),
  approximateArrivalTimestamp: z.number().optional(),
});

/** What a record says about itself. */
type Identifying = Omit<z.output<typeof PipesEvent>, "data">;

/** Largest number of milliseconds that a Date holds. */
const LATEST_MS = 8.64e15;

function identity(index: number, event: Identifying): RecordIdentity {
  const { eventSourceARN, eventID, sequenceNumber, partitionKey, approximateArrivalTimestamp: seconds } =
    event;
  return {
    ...eventSourceARN === undefined ? {} : { stream: name(eventSourceARN) },
    ...eventID === undefined ? {} : { event_id: name(eventID) },
    ...sequenceNumber === undefined ? {} : { sequence_number: sequenceNumber },
    ...partitionKey === undefined ? {} : { partition_key: name(partitionKey) },
    ...seconds === undefined || Math.abs(seconds) * 1000 > LATEST_MS
      ? {}
      : { arrived_at: new Date(seconds * 1000).toISOString() },
    index,
  };
}

/** In a function of its own, so that whoever keeps it keeps nothing of the body. */
function identities(events: readonly Identifying[]): Delivery["identity"] {
  return (record) => identity(record, events[record]);
}

/** What an eventID begins with: the shard that the record was on. */
const SHARD = /^(shardId-\d+):/;

/**
 * The stream, the shard, and the first and last sequence number:
 * `arn:aws:kinesis:… shardId-000000000006 4959…8898..4959…5618`. A delivery of several shards names none.
 */
function sequenceReference(events: readonly Identifying[]): string | null {
  const stream = events.find(({ eventSourceARN }) => eventSourceARN !== undefined)?.eventSourceARN;
  const shards = new Set(events.map(({ eventID }) => SHARD.exec(eventID ?? "")?.[1]));
  const [shard] = shards;
  const numbers = events.flatMap(({ sequenceNumber }) => sequenceNumber ?? []);
  const range = numbers.length === 0 ? [] : [`${numbers[0]}..${numbers.at(-1)}`];
  return [
    ...stream === undefined ? [] : [name(stream)],
    ...shards.size !== 1 || shard === undefined || range.length === 0 ? [] : [shard],
    ...range,
  ].join(" ") || null;
}

function lambdaDelivery(value: unknown, body: JsonText): Delivery {
  const { Records } = parsed(Lambda, value, "Lambda");
  const events = Records.map(({ kinesis: { data: _, ...rest }, ...event }) => ({ ...event, ...rest }));
  const list = lazily(() => body.member("Records"));
  return {
    data: Records.map(({ kinesis: { data } }) => data),
    place: (record) => `Records[${record}].kinesis.data`,
    text: (record) => list().element(record).member("kinesis").member("data").text,
    identity: identities(events),
    reference: sequenceReference(events),
    envelope: { kind: "lambda", sequenceNumbers: events.map(({ sequenceNumber }) => sequenceNumber) },
  };
}

/** Something in what a pipe has sent, and the way to its text. */
interface Found {
  readonly data: unknown;
  readonly event: Identifying;
  readonly place: string;
  readonly text: () => string;
}

/** How deep an input template can hide an event: {"detail": {"records": [{"data": …}]}} is 3. */
const DEEPEST = 5;

/**
 * The records in a value: an event, events in an array, in any member of an object, or a reading by itself, which is
 * what `<$.data>` becomes in a template. Members in which there is none are what the template says about the delivery.
 */
function recordsIn(value: unknown, place: string, text: () => JsonText, depth = 0): Found[] {
  if (typeof value !== "object" || value === null || depth > DEEPEST) return [];
  const itself = lazily(text);
  if (Array.isArray(value)) {
    const found = value.map((element, index) =>
      recordsIn(element, `${place}[${index}]`, () => itself().element(index), depth + 1)
    );
    if (found.every((records) => records.length === 0)) return [];
    // among records, what is none is one that lacks its data
    return found.flatMap((records, index) =>
      records.length > 0 ? records : {
        data: undefined,
        event: {},
        place: `${place}[${index}]`,
        text: () => itself().element(index).text,
      }
    );
  }
  if (Object.hasOwn(value, "data")) {
    const { data, ...event } = parsed(PipesEvent, value, "EventBridge Pipes");
    const at = place === "" ? "data" : `${place}.data`;
    return [{ data, event, place: at, text: () => itself().member("data").text }];
  }
  if (Object.hasOwn(value, "engine_id")) {
    return [{
      data: value,
      event: {},
      place,
      text: () => itself().text,
    }];
  }
  return Object.entries(value).flatMap(([member, content]) =>
    recordsIn(content, place === "" ? member : `${place}.${member}`, () => itself().member(member), depth + 1)
  );
}

/** Whether an array is of events of Pipes: a template may name its array as Lambda does. */
function holdsPipesEvents(value: unknown): boolean {
  return Array.isArray(value) &&
    value.some((event) => typeof event === "object" && event !== null && Object.hasOwn(event, "data"));
}

function pipesDelivery(value: unknown, body: JsonText): Delivery {
  const found = recordsIn(value, "", () => body);
  if (found.length === 0 && !(Array.isArray(value) && value.length === 0)) {
    throw unreadable(
      "Cannot read the delivery as it must be a request of Firehose, an event of Lambda, or events of EventBridge Pipes",
    );
  }
  const ways = found.map(({ place, text }) => ({ place, text }));
  return {
    data: found.map(({ data }) => data),
    place: (record) => ways[record].place,
    text: (record) => ways[record].text(),
    identity: identities(found.map(({ event }) => event)),
    reference: sequenceReference(found.map(({ event }) => event)),
    envelope: { kind: "pipes" },
  };
}

/**
 * Takes a delivery out of its envelope.
 *
 * @param text The body.
 * @throws {Problem} 400: not JSON, none of the three envelopes, or one that is malformed.
 */
export function readDelivery(text: string, headers: Headers): Delivery {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable("Cannot read the delivery as it must be JSON");
  }
  const body = new JsonText(text);
  const members = typeof value === "object" && value !== null ? value : {};
  if (isFirehose(headers) || ("requestId" in members && "records" in members)) {
    return firehoseDelivery(value, body, headers);
  }
  return "Records" in members && !holdsPipesEvents(members.Records)
    ? lambdaDelivery(value, body)
    : pipesDelivery(value, body);
}
