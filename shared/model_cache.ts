/** Models in use, read and parsed once in a process: a content is half a megabyte, and whoever uses it comes often. */

import type postgres from "postgres";
import type { ModelPurpose } from "./models.ts";

/** A model that is in use. */
export interface CachedModel<Parsed> {
  readonly id: number;
  readonly dataset: string | null;
  readonly parsed: Parsed;
}

/**
 * The models of a purpose that are in use, as whoever uses them wants them.
 *
 * @example
 * ```ts ignore
 * const models = new ModelCache("anomaly", AnomalyModel.fromContent);
 * const model = modelFor(await models.active(sql), "FD001");
 * ```
 */
export class ModelCache<Parsed> {
  #known: ReadonlyMap<number, Parsed> = new Map();

  /** @param parse Makes of `models.content` what is wanted of it. */
  constructor(private readonly purpose: ModelPurpose, private readonly parse: (content: unknown) => Parsed) {}

  /** Asks which models are in use now, and reads those that it does not have yet. A model itself never changes. */
  async active(sql: postgres.ISql): Promise<CachedModel<Parsed>[]> {
    const rows = await sql<{ id: number; dataset: string | null; content: unknown }[]>`
      select
        id::float8 as id, dataset, case when id <> all (${[
      ...this.#known.keys(),
    ]}::bigint[]) then content end as content
      from public.models
      where purpose = ${this.purpose} and active
      order by id`;
    const models = rows.map(({ id, dataset, content }) => (
      { id, dataset, parsed: this.#known.get(id) ?? this.parse(content) }
    ));
    this.#known = new Map(models.map(({ id, parsed }) => [id, parsed]));
    return models;
  }
}
