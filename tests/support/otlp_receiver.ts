/** A collector of OpenTelemetry, as far as receiving OTLP over HTTP as JSON goes (opentelemetry.io/docs/specs/otlp). */

/** A span, as far as tests look at it. */
export interface Span {
  readonly traceId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly service: string;
}

/** A line of a log. */
export interface LogRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly severityText: string;
  readonly body: string;
}

/** A running collector. */
export interface OtlpReceiver extends AsyncDisposable {
  /** OTEL_EXPORTER_OTLP_ENDPOINT */
  readonly url: string;
  readonly spans: readonly Span[];
  readonly logs: readonly LogRecord[];
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface Export {
  readonly resourceSpans?: {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: { readonly spans: Omit<Span, "service">[] }[];
  }[];
  readonly resourceLogs?: {
    readonly scopeLogs: {
      readonly logRecords: (Omit<LogRecord, "body"> & { readonly body: { readonly stringValue: string } })[];
    }[];
  }[];
}

/** Starts a collector. */
export function otlpReceiver(): OtlpReceiver {
  const spans: Span[] = [];
  const logs: LogRecord[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { resourceSpans = [], resourceLogs = [] }: Export = await request.json();
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? "";
      spans.push(...scopeSpans.flatMap(({ spans }) => spans).map((span) => ({ ...span, service })));
    }
    for (const { scopeLogs } of resourceLogs) {
      logs.push(
        ...scopeLogs.flatMap(({ logRecords }) => logRecords)
          .map((record) => ({ ...record, body: record.body.stringValue })),
      );
    }
    return Response.json({});
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    spans,
    logs,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
