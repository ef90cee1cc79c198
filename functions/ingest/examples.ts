/** Requests that the OpenAPI document of this function shows. */

import type { Example } from "../../shared/openapi_examples.ts";

const READING = {
  engine_id: "ENGINE_101",
  cycle: 1,
  timestamp: "2024-01-01T00:00:00Z",
  altitude: 0,
  mach_number: 0.25,
  tra: 100,
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

const HEADER = Object.keys(READING).join(",");
const row = (cycle: number) => Object.values({ ...READING, cycle }).join(",");

export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "POST /ingest": [
    {
      name: "one",
      summary: "One reading",
      headers: { "X-Request-Id": "example-1" },
      body: READING,
    },
    {
      name: "list",
      summary: "Two readings, one of which is not valid and becomes a dead letter",
      body: [{ ...READING, cycle: 2 }, { ...READING, cycle: 3, s11: "hot" }],
      breaks: true,
    },
    {
      name: "csv",
      summary: "CSV with a header",
      contentType: "text/csv",
      body: `${HEADER}\n${row(4)}\n${row(5)}\n`,
    },
    {
      name: "ndjson",
      summary: "One reading a line",
      contentType: "application/x-ndjson",
      body: `${JSON.stringify({ ...READING, cycle: 6 })}\n${JSON.stringify({ ...READING, cycle: 7 })}\n`,
    },
    {
      name: "strict",
      summary: "All or nothing",
      query: { strict: "true" },
      body: [{ ...READING, cycle: 8 }, { ...READING, cycle: 0 }],
      breaks: true,
      status: 422,
    },
  ],
};
