/** The lake's layout in its bucket: which prefixes there are, and how long what lies there is kept. */

/**
 * Where Firehose leaves its copy of everything, by hour in UTC. Named Hive's way, so that a lifecycle rule can tell it
 * from what failed.
 */
export const FIREHOSE_PREFIX = "streaming/kinesis-firehose/";
const FIREHOSE_DELIVERED = `${FIREHOSE_PREFIX}year=`;

/** Objects of Firehose: the copy of all records, and what it could not deliver in its time. */
export const FIREHOSE_OBJECTS = {
  delivered:
    `${FIREHOSE_DELIVERED}!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/`,
  failed: `${FIREHOSE_PREFIX}failed/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/`,
} as const;

/** Prefixes that Spool writes. S3 has no folders, and none are made: an empty object is no Parquet file. */
export const WRITTEN_PREFIXES = [
  "raw/",
  "processed/",
  "streaming/archived/",
  "quality/",
  "backups/",
] as const;

/** One rule of the bucket's lifecycle, as CloudFormation writes it. */
export type LifecycleRule = {
  readonly Id: string;
  readonly Status: "Enabled";
  readonly Prefix?: string;
  readonly ExpirationInDays?: number;
  readonly ExpiredObjectDeleteMarker?: boolean;
  readonly Transitions?: { readonly StorageClass: string; readonly TransitionInDays: number }[];
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays: number };
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
};

/** Everything else in the bucket stays until somebody deletes it. */
export const LIFECYCLE_RULES: LifecycleRule[] = [
  {
    // these readings are in Postgres; the copy is for replaying what the function took wrongly. What could not be
    // delivered is nowhere else, and lies beside it under failed/, which no rule touches
    Id: "delivered-copies-expire",
    Status: "Enabled",
    Prefix: FIREHOSE_DELIVERED,
    ExpirationInDays: 30,
  },
  { Id: "daily-backups-expire", Status: "Enabled", Prefix: "backups/daily/", ExpirationInDays: 35 },
  {
    // read often while it is new; IA costs less from the second month on, and answers as fast as before
    Id: "processed-gets-cheaper",
    Status: "Enabled",
    Prefix: "processed/",
    Transitions: [{ StorageClass: "STANDARD_IA", TransitionInDays: 90 }],
  },
  {
    Id: "leftovers-expire",
    Status: "Enabled",
    ExpiredObjectDeleteMarker: true,
    // how long an overwritten or deleted file can be brought back
    NoncurrentVersionExpiration: { NoncurrentDays: 30 },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
  },
];
