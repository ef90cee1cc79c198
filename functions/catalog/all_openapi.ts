/** One OpenAPI 3.1 document for all functions, made of their own. */

import { type Document, mergedDocument } from "../../shared/openapi.ts";
import { openapi as ingest } from "../ingest/openapi.ts";
import { openapi as kinesis } from "../kinesis/openapi.ts";
import { openapi as quality } from "../quality/openapi.ts";
import { openapi as worker } from "../worker/openapi.ts";
import { openapi as catalog } from "./openapi.ts";

/** The document. */
export function allOpenapi(): Document {
  return mergedDocument({
    ingest: ingest(),
    kinesis: kinesis(),
    quality: quality(),
    catalog: catalog(),
    worker: worker(),
  });
}
