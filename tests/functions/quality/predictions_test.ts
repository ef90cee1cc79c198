/** Predictions over HTTP: those of anyone's own model are kept, and all are read. */

import assert from "node:assert/strict";
import { storeBatch } from "../../../shared/intake.ts";
import { problem } from "../../support/ingest_server.ts";
import { type QualityServer, qualityServer } from "../../support/quality_server.ts";
import { candidates, readings } from "../../support/readings.ts";

const PREDICTION = {
  engine_id: "ENGINE_001",
  cycle: 20,
  predicted_rul: 80.5,
  model_name: "lstm",
  model_version: "7",
};

/** A server whose database has two engines with 30 readings each. */
async function server(): Promise<QualityServer> {
  const running = await qualityServer();
  await storeBatch(
    running.db.sql,
    { source: "ingest", reference: null },
    candidates([...readings(30), ...readings(30, { engine_id: "ENGINE_002" })]),
  );
  return running;
}

/** What is kept, without what differs from run to run. */
async function kept({ db: { sql } }: QualityServer) {
  return [
    ...await sql`
      select unit_number, cycle, predicted_rul, lower_bound, upper_bound, interval_level, model_name, model_version
      from engine_predictions order by id`,
  ].map((row) => ({ ...row }));
}

const rejection = (path: string, message: string, index = 0) => ({
  accepted: 0,
  duplicates: 0,
  rejected: 1,
  errors: [{ index, path, message }],
});

Deno.test("one prediction, an array and {predictions} are kept; the same again is a duplicate, whichever way it comes", async () => {
  await using running = await server();
  const whole = {
    ...PREDICTION,
    lower_bound: 60,
    upper_bound: 100.25,
    interval_level: 0.9,
    predicted_at: "2024-03-01T00:00:00+01:00",
  };
  const second = { ...whole, cycle: 21 };
  const third = { ...PREDICTION, engine_id: "ENGINE_002" };
  for (
    const [body, accepted, duplicates] of [
      [whole, 1, 0],
      [[whole, second], 1, 1],
      [{ predictions: [third, third] }, 1, 1],
      [{ predictions: [whole, second, third, { ...third, lower_bound: null }] }, 0, 4],
      [[], 0, 0],
    ] as const
  ) {
    const { status, body: answer } = await running.post("/predictions", body);
    assert.equal(status, 200);
    assert.deepEqual(answer, { accepted, duplicates, rejected: 0, errors: [] });
  }
  const row = {
    unit_number: "ENGINE_001",
    cycle: 20,
    predicted_rul: 80.5,
    lower_bound: 60,
    upper_bound: 100.25,
    interval_level: 0.9,
    model_name: "lstm",
    model_version: "7",
  };
  assert.deepEqual(await kept(running), [
    row,
    { ...row, cycle: 21 },
    { ...row, unit_number: "ENGINE_002", lower_bound: null, upper_bound: null, interval_level: null },
  ]);
  const events = await running.db.sql`
    select event_type, outputs from lineage_events where job_name = 'post_predictions' order by id`;
  assert.deepEqual(events.map(({ event_type }) => event_type), Array(3).fill(["START", "COMPLETE"]).flat());
});

Deno.test("another value under the key of a prediction that is kept is rejected, and history stays; another version is another prediction", async () => {
  await using running = await server();
  await running.post("/predictions", { ...PREDICTION, predicted_at: "2024-03-01T00:00:00Z" });
  const message =
    "Cannot accept the prediction as it must equal the one that is kept for this engine, model, version and " +
    "cycle, whose predicted_rul is 80.5: give the model another version";
  for (
    const changed of [
      { predicted_rul: 81 },
      { lower_bound: 80, upper_bound: 81, interval_level: 0.5 },
      { predicted_at: "2024-03-02T00:00:00Z" },
    ]
  ) {
    const { body } = await running.post("/predictions", { ...PREDICTION, ...changed });
    assert.deepEqual(body, rejection("", message));
  }
  // without a time it is the same prediction
  assert.equal((await running.post("/predictions", PREDICTION)).body.duplicates, 1);
  assert.equal((await running.post("/predictions", { ...PREDICTION, model_version: "8" })).body.accepted, 1);
  // within a request the first one counts
  const { body } = await running.post("/predictions", [
    { ...PREDICTION, cycle: 5 },
    { ...PREDICTION, cycle: 5, predicted_rul: 1 },
  ]);
  assert.deepEqual(body, { ...rejection("", message, 1), accepted: 1 });
  assert.deepEqual((await kept(running)).map((row) => [row.cycle, row.predicted_rul, row.model_version]), [
    [20, 80.5, "7"],
    [20, 80.5, "8"],
    [5, 80.5, "7"],
  ]);
});

Deno.test("what is not valid is rejected with its place and what it must be, and what is valid beside it is kept", async () => {
  await using running = await server();
  const cases: [Record<string, unknown> | null | number, string, string][] = [
    [
      { engine_id: "NOBODY" },
      "engine_id",
      'Cannot accept engine_id as it must be the unit_number of an engine: current value is "NOBODY"',
    ],
    [
      { engine_id: "" },
      "engine_id",
      'Cannot accept engine_id as it must be 1 to 64 letters, digits and . _ : -: current value is ""',
    ],
    [
      { cycle: 31 },
      "cycle",
      "Cannot accept cycle as ENGINE_001 must have flown it, and its last one is 30: current value is 31",
    ],
    [
      { cycle: 1.5 },
      "cycle",
      "Cannot accept cycle as it must be a whole number from 1 to 2147483647: current value is 1.5",
    ],
    [
      { predicted_rul: -1 },
      "predicted_rul",
      "Cannot accept predicted_rul as it must be a number of cycles from 0 to 1000000: current value is -1",
    ],
    [
      { predicted_rul: undefined },
      "predicted_rul",
      "Cannot accept predicted_rul as it must be a number of cycles from 0 to 1000000: current value is missing",
    ],
    [
      { lower_bound: 1 },
      "upper_bound",
      "Cannot accept upper_bound as lower_bound, upper_bound and interval_level must be given together: " +
      "current value is missing",
    ],
    [
      { lower_bound: 81, upper_bound: 90, interval_level: 0.8 },
      "lower_bound",
      "Cannot accept lower_bound as it must be at most predicted_rul: current value is 81",
    ],
    [
      { lower_bound: 1, upper_bound: 80, interval_level: 0.8 },
      "upper_bound",
      "Cannot accept upper_bound as it must be at least predicted_rul: current value is 80",
    ],
    [
      { lower_bound: 1, upper_bound: 90, interval_level: 80 },
      "interval_level",
      "Cannot accept interval_level as it must be a share above 0 and below 1: current value is 80",
    ],
    [
      { model_name: "rul" },
      "model_name",
      'Cannot accept model_name as it must not be that of a built-in model: current value is "rul"',
    ],
    [
      { model_name: "rul-FD009" },
      "model_name",
      'Cannot accept model_name as it must not be that of a built-in model: current value is "rul-FD009"',
    ],
    [
      { predicted_at: "yesterday" },
      "predicted_at",
      'Cannot accept predicted_at as it must be a time from 2000 to now with a zone such as 2024-01-01T00:00:00Z: current value is "yesterday"',
    ],
    ...["0000-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "9999-12-31T00:00:00Z", "2024-01-01T00:00:00+23:59"]
      .map((
        time,
      ): [Record<string, unknown>, string, string] => [
        { predicted_at: time },
        "predicted_at",
        `Cannot accept predicted_at as it must be a time from 2000 to now with a zone such as 2024-01-01T00:00:00Z: ` +
        `current value is "${time}"`,
      ]),
    // a real has seven digits
    ...[1e-50, 0.999999999].map((level): [Record<string, unknown>, string, string] => [
      { lower_bound: 1, upper_bound: 90, interval_level: level },
      "interval_level",
      `Cannot accept interval_level as it must be a share above 0 and below 1: current value is ${level}`,
    ]),
    [
      { confidence: 1 },
      "",
      "Cannot accept confidence as a prediction has no such member: it must be one of engine_id, cycle, predicted_rul, " +
      "lower_bound, upper_bound, interval_level, model_name, model_version, predicted_at",
    ],
    [7, "", "Cannot accept the prediction as it must be an object: current value is 7"],
    [null, "", "Cannot accept the prediction as it must be an object: current value is null"],
  ];
  const { body } = await running.post("/predictions", [
    ...cases.map(([change]) =>
      typeof change === "object" && change !== null ? { ...PREDICTION, ...change } : change
    ),
    PREDICTION,
  ]);
  assert.deepEqual(body, {
    accepted: 1,
    duplicates: 0,
    rejected: cases.length,
    errors: cases.map(([, path, message], index) => ({ index, path, message })),
  });
  assert.equal((await kept(running)).length, 1);

  // 100 errors are listed, and all are counted
  const many = await running.post("/predictions", Array.from({ length: 150 }, () => ({})));
  assert.equal(many.body.rejected, 150);
  assert.equal(many.body.errors.length, 100);
});

Deno.test("numbers are kept as a real holds them: what is next to nothing is 0, and the same again is a duplicate", async () => {
  await using running = await server();
  const tiny = {
    ...PREDICTION,
    predicted_rul: 1e-50,
    lower_bound: 1e-60,
    upper_bound: 0.1,
    interval_level: 0.9,
  };
  assert.equal((await running.post("/predictions", tiny)).body.accepted, 1);
  assert.equal((await running.post("/predictions", tiny)).body.duplicates, 1);
  const [{ predicted_rul, lower_bound, upper_bound }] = await kept(running) as Record<string, unknown>[];
  assert.deepEqual([predicted_rul, lower_bound, upper_bound], [0, 0, 0.1]);
});

Deno.test("an engine without readings has flown no cycle", async () => {
  await using running = await server();
  await running.db.sql`insert into engines (unit_number) values ('NEW')`;
  const { body } = await running.post("/predictions", { ...PREDICTION, engine_id: "NEW", cycle: 1 });
  assert.deepEqual(
    body,
    rejection(
      "cycle",
      "Cannot accept cycle as NEW must have flown it, and has no readings: current value is 1",
    ),
  );
});

Deno.test("a body that holds no predictions is 400, one with too many 413, and another method 405", async () => {
  await using running = await server();
  for (
    const [body, detail] of [
      ["{", "Cannot read the body as it must be JSON"],
      [
        "7",
        'Cannot read the body as it must be a prediction, an array of predictions or {"predictions": […]}',
      ],
      [
        '{"predictions": 7}',
        'Cannot read the body as it must be a prediction, an array of predictions or {"predictions": […]}',
      ],
    ]
  ) {
    const answer = await running.post("/predictions", body);
    assert.deepEqual(answer.body, { ...problem(400, "unreadable-body", "The body cannot be read"), detail });
  }
  const many = await running.post("/predictions", Array(10_001).fill(0));
  assert.equal(many.status, 413);
  assert.equal(
    (await fetch(`${running.url}/predictions`, { method: "DELETE" })).headers.get("allow"),
    "GET, POST",
  );
});

Deno.test("two requests at once with the same predictions keep each once", async () => {
  await using running = await server();
  const body = Array.from({ length: 25 }, (_, i) => ({ ...PREDICTION, cycle: i + 1 }));
  const answers = await Promise.all([
    running.post("/predictions", body),
    running.post("/predictions", body.toReversed()),
    running.post("/predictions", body),
  ]);
  assert.equal(answers.reduce((sum, answer) => sum + answer.body.accepted, 0), 25);
  assert.equal(answers.reduce((sum, answer) => sum + answer.body.duplicates, 0), 50);
  assert.equal((await kept(running)).length, 25);
});

Deno.test("history is read latest first, page by page, and shows what was left once the engine has failed", async () => {
  await using running = await server();
  await running.post("/predictions", {
    ...PREDICTION,
    engine_id: "ENGINE_002",
    predicted_at: "2024-02-04T00:00:00Z",
  });
  await running.post("/predictions", [
    {
      ...PREDICTION,
      cycle: 10,
      lower_bound: 10,
      upper_bound: 90,
      interval_level: 0.8,
      predicted_at: "2024-02-01T00:00:00Z",
    },
    { ...PREDICTION, cycle: 20, predicted_at: "2024-02-02T00:00:00Z" },
    { ...PREDICTION, cycle: 20, model_name: "gru", predicted_at: "2024-02-03T00:00:00Z" },
  ]);
  const of = (body: { predictions: Record<string, unknown>[] }) =>
    body.predictions.map((
      row,
    ) => [row.unit_number, row.model_name, row.cycle, row.actual_rul, row.in_interval]);

  const first = await running.get("/engines/ENGINE_001/predictions?limit=2");
  assert.deepEqual(of(first.body), [
    ["ENGINE_001", "lstm", 20, null, null],
    ["ENGINE_001", "gru", 20, null, null],
  ]);
  const rest = await running.get(`/engines/ENGINE_001/predictions?limit=2&cursor=${first.body.next}`);
  assert.deepEqual(of(rest.body), [["ENGINE_001", "lstm", 10, null, null]]);
  assert.equal(rest.body.next, null);

  await running.db.sql`
    update engines set status = 'failed', life_cycles = 190, rul_cap = 125 where unit_number = 'ENGINE_001'`;
  assert.deepEqual(of((await running.get("/engines/ENGINE_001/predictions?model=lstm")).body), [
    ["ENGINE_001", "lstm", 20, 125, null],
    ["ENGINE_001", "lstm", 10, 125, false],
  ]);
  assert.deepEqual(of((await running.get("/predictions?since=2024-02-03T00:00:00Z")).body), [
    ["ENGINE_001", "gru", 20, 125, null],
    ["ENGINE_002", "lstm", 20, null, null],
  ]);
  assert.deepEqual(of((await running.get("/predictions?engine=ENGINE_002")).body), [
    ["ENGINE_002", "lstm", 20, null, null],
  ]);
  for (
    const path of [
      "/engines/NOBODY/predictions",
      "/predictions?engine=NOBODY",
      "/predictions/latest?engine=NOBODY",
    ]
  ) {
    assert.equal((await running.get(path)).status, 404, path);
  }
});

Deno.test("of each model the newest prediction of an engine is shown, and one model is preferred", async () => {
  await using running = await server();
  const { sql } = running.db;
  await running.post("/predictions", [
    { ...PREDICTION, cycle: 10 },
    { ...PREDICTION, cycle: 20, predicted_rul: 70 },
    { ...PREDICTION, cycle: 21, model_name: "gru", predicted_rul: 60 },
    { ...PREDICTION, cycle: 5, engine_id: "ENGINE_002" },
  ]);
  await sql`
    insert into models (
      purpose, name, version, features, trained_from, trained_until, engines, readings, seed, settings, metrics, content,
      code_version
    )
    values ('rul', 'rul', 1, '{s2}', now(), now(), 1, 1, 1, '{"rul_cap": 125}', '{}', '{}', '0')`;
  const latest = async (query = "") =>
    (await running.get(`/predictions/latest${query}`)).body.predictions.map((
      row: { unit_number: string; model_name: string; cycle: number; preferred: boolean },
    ) => [row.unit_number, row.model_name, row.cycle, row.preferred]);

  // none is trained here and none is named: whoever has seen most of the engine
  assert.deepEqual(await latest(), [
    ["ENGINE_001", "gru", 21, true],
    ["ENGINE_001", "lstm", 20, false],
    ["ENGINE_002", "lstm", 5, true],
  ]);
  await sql`
    insert into rul_predictions (engine_id, cycle, predicted_rul, model_name, model_version)
    select id, 8, 50, 'rul', '1' from engines where unit_number = 'ENGINE_001'`;
  assert.deepEqual(await latest("?preferred=true"), [
    ["ENGINE_001", "rul", 8, true],
    ["ENGINE_002", "lstm", 5, true],
  ]);
  await sql`update model_settings set rul_model = 'lstm'`;
  assert.deepEqual(await latest("?engine=ENGINE_001"), [
    ["ENGINE_001", "gru", 21, false],
    ["ENGINE_001", "lstm", 20, true],
    ["ENGINE_001", "rul", 8, false],
  ]);
  assert.deepEqual(await latest("?model=lstm"), [["ENGINE_001", "lstm", 20, true], [
    "ENGINE_002",
    "lstm",
    5,
    true,
  ]]);

  // page by page it is the same
  const paged = [];
  let next: string | null = "";
  while (next !== null) {
    const { body }: { body: { predictions: { model_name: string }[]; next: string | null } } = await running
      .get(
        `/predictions/latest?limit=1${next === "" ? "" : `&cursor=${next}`}`,
      );
    paged.push(...body.predictions.map(({ model_name }) => model_name));
    next = body.next;
  }
  assert.deepEqual(paged, ["gru", "lstm", "rul", "lstm"]);
});
