/** OpenAPI 3.1's own schema. */

import { Validator } from "@seriousme/openapi-schema-validator";

/** What a document breaks of it; nothing when it is valid, with all of its references leading somewhere. */
export async function openapiFaults(document: object): Promise<unknown[]> {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document) as Record<string, unknown>);
  if (valid) {
    validator.resolveRefs();
    return [];
  }
  return Array.isArray(errors) ? errors : [errors];
}
