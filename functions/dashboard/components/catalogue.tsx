/** What there is: tables, views and prefixes of the lake, whose, for whom, for how long. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { z } from "zod";
import type { Answer, Asset as AssetRow } from "../../catalog/rows.ts";
import { useAccess } from "../access.ts";
import { ago, moment, number, plural } from "../format.ts";
import { useLoaded } from "../loaded.ts";
import { address, change, type Route } from "../route.ts";
import { size } from "../sizes.ts";
import { type Column, DataTable } from "./data_table.tsx";
import { words } from "./evidence.tsx";
import { Shown } from "./shown.tsx";

type Asset = z.output<typeof AssetRow>;

const CLASSIFICATIONS = ["public", "internal", "confidential", "restricted"] as const;
const KINDS = ["table", "view", "lake"] as const;

/** How long it is kept. */
function retention({ retention_days }: Asset): string {
  return retention_days === null ? "for ever" : plural(retention_days, "day");
}

function columnsFor(open: string | null): readonly Column<Asset>[] {
  return [
    {
      name: "name",
      title: "Name",
      by: ({ name }) => name,
      cell: ({ name }) => (
        <button
          type="button"
          class="link"
          aria-expanded={name === open}
          onClick={() => change({ asset: name === open ? undefined : name }, { keep: true })}
        >
          {name}
        </button>
      ),
    },
    { name: "kind", title: "Kind", by: ({ kind }) => kind, cell: ({ kind }) => kind },
    {
      name: "class",
      title: "Classification",
      by: ({ classification }) => CLASSIFICATIONS.indexOf(classification),
      cell: ({ classification }) => <span class={`tag ${classification}`}>{classification}</span>,
    },
    {
      name: "level",
      title: "Level",
      by: ({ quality_level }) => quality_level,
      cell: ({ quality_level }) => quality_level,
    },
    {
      name: "kept",
      title: "Kept",
      numeric: true,
      by: ({ retention_days }) => retention_days ?? Infinity,
      cell: retention,
    },
    {
      name: "rows",
      title: "Rows",
      hint: "About; of the lake, objects",
      numeric: true,
      by: ({ approximate_rows, objects }) => approximate_rows ?? objects,
      cell: ({ approximate_rows, objects }) => number(approximate_rows ?? objects),
    },
    { name: "owner", title: "Owner", by: ({ owner }) => owner, cell: ({ owner }) => owner },
    { name: "what", title: "What it is", wide: true, cell: ({ description }) => description },
  ];
}

function Names({ title, names, known }: {
  title: string;
  names: readonly string[];
  known: ReadonlySet<string>;
}): JSX.Element {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {names.length === 0 ? "–" : names.map((name, index) => (
          <span key={name}>
            {index > 0 && ", "}
            {known.has(name)
              ? <a href={address("data", "catalogue", { asset: name })}>{name}</a>
              : name.replace(/^outside: /, "")}
          </span>
        ))}
      </dd>
    </div>
  );
}

function AssetDetail({ name, known }: { name: string; known: ReadonlySet<string> }): JSX.Element {
  const access = useAccess();
  const asset = useLoaded(
    (signal) => access.read<z.output<typeof Answer.asset>>(`/catalog/assets/${name}`, {}, signal),
    [access, name],
  );
  return (
    <section class="panel" aria-label={`Asset ${name}`}>
      <Shown data={asset} what={name}>
        {({ asset, schema_versions, schema_changes }) => (
          <>
            <div class="row">
              <h2>{asset.name}</h2>
              <span class={`tag ${asset.classification}`}>{asset.classification}</span>
              <a class="last" href={address("data", "lineage", { around: `dataset:${asset.name}` })}>
                Its lineage
              </a>
              <button type="button" class="quiet" onClick={() => change({ asset: undefined })}>Close</button>
            </div>
            <p>{asset.description}</p>
            <dl class="facts">
              <div>
                <dt>Kind</dt>
                <dd>{asset.kind}, {asset.quality_level}</dd>
              </div>
              <div>
                <dt>Owner</dt>
                <dd>{asset.owner}</dd>
              </div>
              <div>
                <dt>Kept</dt>
                <dd>{retention(asset)}</dd>
              </div>
              <div>
                <dt>Schema</dt>
                <dd>
                  version {asset.schema_version}
                  {schema_versions.length > 0 && `, recorded ${moment(schema_versions[0].recorded_at)} UTC`}
                </dd>
              </div>
              {asset.bytes !== null && (
                <div>
                  <dt>Size</dt>
                  <dd>{plural(asset.objects ?? 0, "object")}, {size(asset.bytes)}</dd>
                </div>
              )}
              <div>
                <dt>Last change</dt>
                <dd>{asset.last_change === null ? "not known" : ago(asset.last_change)}</dd>
              </div>
              <Names title="Made of" names={asset.sources} known={known} />
              <Names title="Made by" names={asset.transforms} known={known} />
              <Names title="What is made of it" names={asset.downstream} known={known} />
              <Names title="Read by" names={asset.consumers} known={known} />
              <Names title="Tags" names={asset.tags} known={new Set()} />
            </dl>
            {schema_changes.length > 0 && (
              <p class="warning">
                {plural(schema_changes.length, "column")} changed without a new version:{" "}
                {schema_changes.map(({ column_name, change }) => `${column_name} ${change}`).join(", ")}
              </p>
            )}
            {asset.columns !== null && (
              <div class="table" role="region" aria-label={`Columns of ${asset.name}`} tabIndex={0}>
                <table class="compact">
                  <thead>
                    <tr>
                      <th scope="col">Column</th>
                      <th scope="col">Type</th>
                      <th scope="col">Null</th>
                      <th scope="col">Meaning</th>
                    </tr>
                  </thead>
                  <tbody>
                    {asset.columns.map((column) => (
                      <tr key={column.name}>
                        <th scope="row">{column.name}</th>
                        <td>{column.type}</td>
                        <td>{column.nullable ? "allowed" : "never"}</td>
                        <td class="wide">{column.description}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </>
        )}
      </Shown>
    </section>
  );
}

/** The part of the page. */
export function Catalogue({ route }: { route: Route }): JSX.Element {
  const access = useAccess();
  const assets = useLoaded(
    (signal) => access.read<z.output<typeof Answer.assets>>("/catalog/assets", {}, signal),
    [access],
  );
  const [q, kind, classification, open] = ["q", "kind", "classification", "asset"].map((name) =>
    route.settings.get(name)
  );
  const columns = useMemo(() => columnsFor(open), [open]);
  const choose = (name: string, value: string) => change({ [name]: value || undefined, page: undefined });
  return (
    <Shown data={assets} what="the catalogue">
      {({ assets }) => {
        const known = new Set(assets.map(({ name }) => name));
        const wanted = (q ?? "").toLowerCase().split(/\s+/);
        const shown = assets.filter((asset) => {
          const text = [asset.name, asset.description, asset.owner, ...asset.tags].join(" ").toLowerCase();
          return wanted.every((word) => text.includes(word)) &&
            (kind === null || asset.kind === kind) &&
            (classification === null || asset.classification === classification);
        });
        return (
          <>
            {open !== null && <AssetDetail key={open} name={open} known={known} />}
            <section class="panel">
              <div class="row" role="search">
                <input
                  type="search"
                  aria-label="Search the catalogue"
                  placeholder="Search the catalogue"
                  value={q ?? ""}
                  onInput={(event) => choose("q", event.currentTarget.value)}
                />
                <select
                  aria-label="Kind"
                  value={kind ?? ""}
                  onChange={(event) => choose("kind", event.currentTarget.value)}
                >
                  <option value="">Any kind</option>
                  {KINDS.map((word) => <option key={word} value={word}>{words(word)}</option>)}
                </select>
                <select
                  aria-label="Classification"
                  value={classification ?? ""}
                  onChange={(event) => choose("classification", event.currentTarget.value)}
                >
                  <option value="">Any classification</option>
                  {CLASSIFICATIONS.map((word) => <option key={word} value={word}>{word}</option>)}
                </select>
                <span class="soft last" role="status">{plural(shown.length, "asset")}</span>
              </div>
              {shown.length === 0 ? <p class="soft">Nothing in the catalogue is like this.</p> : (
                <DataTable
                  label="Catalogue"
                  rows={shown}
                  columns={columns}
                  keyOf={({ name }) => name}
                  route={route}
                  size={25}
                />
              )}
            </section>
          </>
        );
      }}
    </Shown>
  );
}
