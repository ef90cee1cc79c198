/**
 * What OpenLineage 2-0-2 says that a run event is (openlineage.io/spec/2-0-2/OpenLineage.json), and the facets that Spool
 * writes (openlineage.io/spec/facets/…), as zod schemas. Stricter than the specification in one thing: each event and each
 * facet must name the schema that it was written for, so that a facet of another version is not taken for a valid one.
 */

import { z } from "zod";

const SPEC = "https://openlineage.io/spec/";
const uri = z.string().refine((text) => URL.canParse(text), "must be a URI");
const dateTime = z.iso.datetime({ offset: true });
const uuid = z.guid();

const Field = z.object({
  name: z.string(),
  type: z.string().optional(),
  description: z.string().optional(),
});

/** Facets by their names: where their schema is, and their own members. */
const FACETS: Record<string, { readonly at: string; readonly members: z.ZodObject }> = {
  dataQualityAssertions: {
    at: "facets/1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/DataQualityAssertionsDatasetFacet",
    members: z.object({
      assertions: z.array(z.strictObject({
        assertion: z.string(),
        success: z.boolean(),
        column: z.string().optional(),
        severity: z.string().optional(),
        name: z.string().optional(),
        description: z.string().optional(),
        expected: z.string().optional(),
        actual: z.string().optional(),
        content: z.string().optional(),
        contentType: z.string().optional(),
        params: z.record(z.string(), z.unknown()).optional(),
      })),
    }),
  },
  errorMessage: {
    at: "facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet",
    members: z.object({
      message: z.string(),
      programmingLanguage: z.string(),
      stackTrace: z.string().optional(),
    }),
  },
  nominalTime: {
    at: "facets/1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet",
    members: z.object({ nominalStartTime: dateTime, nominalEndTime: dateTime.optional() }),
  },
  outputStatistics: {
    at: "facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
    members: z.object({
      rowCount: z.int().optional(),
      size: z.int().optional(),
      fileCount: z.int().optional(),
    }),
  },
  processing_engine: {
    at: "facets/1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet",
    members: z.object({ version: z.string(), name: z.string().optional() }),
  },
  schema: {
    at: "facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet",
    members: z.object({ fields: z.array(Field).optional() }),
  },
};

const BaseFacet = z.looseObject({ _producer: uri, _schemaURL: uri });

/** Where each facet may be. Facets of one's own have a prefix. */
function facets(...known: string[]) {
  return z.record(z.string(), BaseFacet).superRefine((given, context) => {
    for (const [name, facet] of Object.entries(given)) {
      const fault = (message: string) => context.addIssue({ code: "custom", message, path: [name] });
      const { at, members } = FACETS[name] ?? {};
      if (at === undefined) {
        if (!name.startsWith("spool_")) fault("must be a known facet, or begin with spool_");
        if (facet._schemaURL !== `${SPEC}2-0-2/OpenLineage.json#/$defs/BaseFacet`) {
          fault("must be a base facet");
        }
        continue;
      }
      if (!known.includes(name)) fault("is no facet of this");
      if (facet._schemaURL !== SPEC + at) fault(`must be of ${at}`);
      const result = members.safeParse(facet);
      if (!result.success) fault(z.prettifyError(result.error));
    }
  });
}

const dataset = {
  namespace: z.string().min(1),
  name: z.string().min(1),
  facets: facets("schema").optional(),
};

/** A run event. */
export const RunEvent = z.strictObject({
  eventType: z.enum(["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]),
  eventTime: dateTime,
  run: z.strictObject({
    runId: uuid,
    facets: facets("errorMessage", "nominalTime", "processing_engine").optional(),
  }),
  job: z.strictObject({ namespace: z.string().min(1), name: z.string().min(1) }),
  inputs: z.array(
    z.strictObject({ ...dataset, inputFacets: facets("dataQualityAssertions").optional() }),
  ),
  outputs: z.array(
    z.strictObject({ ...dataset, outputFacets: facets("outputStatistics").optional() }),
  ),
  producer: uri,
  schemaURL: z.literal(`${SPEC}2-0-2/OpenLineage.json#/$defs/RunEvent`),
});
export type RunEvent = z.output<typeof RunEvent>;
