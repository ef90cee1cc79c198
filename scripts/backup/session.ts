/** How sessions of backups and restores are set, whatever the server, the role or the database says. */

/**
 * With these, what COPY writes as text reads back as what it was: times with their offset, floats with all of their
 * digits. A row that policies hide is an error rather than a gap. Types are written with their schema.
 */
const TEXT = {
  datestyle: "ISO, YMD",
  intervalstyle: "postgres",
  timezone: "UTC",
  extra_float_digits: "1",
  bytea_output: "hex",
  search_path: "pg_catalog",
  row_security: "off",
};

/** Statements that set them until the transaction ends; they take no snapshot. */
export const COPY_SETTINGS = Object.entries(TEXT).map(([name, value]) => `set local ${name} = '${value}';`)
  .join(" ");

/** Statements that give them back, for what else the transaction does. */
export const OWN_SETTINGS = Object.keys(TEXT).map((name) => `set local ${name} to default;`).join(" ");

/** Statements that lift the time limits of the role (two minutes a statement on Supabase) until the transaction ends. */
export const NO_LIMITS =
  "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; " +
  "set local lock_timeout = '30s';";
