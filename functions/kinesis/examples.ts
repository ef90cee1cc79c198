/** Requests that the OpenAPI document of this function shows. */

import type { Example } from "../../shared/openapi_examples.ts";

/** A record's data as a stream carries it: a reading as JSON, in base64. */
function data(cycle: number): string {
  const sensors = {
    s2: 641.8,
    s3: 1589.7,
    s4: 1400.6,
    s7: 554.4,
    s8: 2388.06,
    s9: 9046.2,
    s11: 47.47,
    s12: 521.7,
    s13: 2388.02,
    s14: 8138.6,
    s15: 8.4195,
    s17: 392,
    s20: 39.06,
    s21: 23.419,
  };
  return btoa(JSON.stringify({
    engine_id: "ENGINE_102",
    cycle,
    timestamp: "2024-01-01T00:00:00Z",
    ...{ altitude: 0, mach_number: 0.25, tra: 100 },
    ...sensors,
  }));
}

const STREAM = "arn:aws:kinesis:eu-central-1:123456789012:stream/readings";

/** What events of Lambda and of EventBridge Pipes have in common. */
const EVENT = {
  eventSource: "aws:kinesis",
  eventVersion: "1.0",
  eventID: "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
  eventName: "aws:kinesis:record",
  invokeIdentityArn: "arn:aws:iam::123456789012:role/spool",
  awsRegion: "eu-central-1",
  eventSourceARN: STREAM,
};

function record(cycle: number) {
  return {
    kinesisSchemaVersion: "1.0",
    partitionKey: "ENGINE_102",
    sequenceNumber: "49590338271490256608559692538361571095921575989136588898",
    data: data(cycle),
    approximateArrivalTimestamp: 1545084650.987,
  };
}

export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "POST /kinesis": [
    {
      name: "firehose",
      summary: "Firehose",
      headers: {
        "X-Amz-Firehose-Protocol-Version": "1.0",
        "X-Amz-Firehose-Request-Id": "ed4acda5-034f-9f42-bba1-f29aea6d7d8f",
        "X-Amz-Firehose-Source-Arn": "arn:aws:firehose:eu-central-1:123456789012:deliverystream/spool",
      },
      body: {
        requestId: "ed4acda5-034f-9f42-bba1-f29aea6d7d8f",
        timestamp: 1578090901599,
        records: [{ data: data(1) }, { data: data(2) }],
      },
    },
    { name: "lambda", summary: "A Lambda function", body: { Records: [{ kinesis: record(3), ...EVENT }] } },
    { name: "pipes", summary: "EventBridge Pipes", body: [{ ...record(4), ...EVENT }] },
    { name: "unreadable", summary: "A delivery that cannot be read", body: { Records: 1 }, status: 400 },
  ],
};
