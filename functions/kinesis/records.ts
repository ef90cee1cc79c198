/** The readings of a delivery's records, as candidates for the intake. */

import { type Candidates, joinPlaces } from "../../shared/candidates.ts";
import { Undecodable } from "../../shared/candidates.ts";
import { Decompression, recordReadings } from "../../shared/record_data.ts";
import type { DeliveredRecord } from "./envelopes.ts";

/**
 * Decodes the records of a delivery, each on its own: what is wrong with one costs no other.
 *
 * @param mostBytes What all gzipped records may come to after decompression.
 */
export function decodeRecords(records: readonly DeliveredRecord[], mostBytes: number): Candidates {
  const decompression = new Decompression(mostBytes);
  const values: unknown[] = [];
  const recordOf: number[] = []; // of each candidate
  const firstOf: number[] = []; // the first candidate of each record
  const ways = records.map(({ data, text }, record) => {
    firstOf.push(values.length);
    const { values: found, payload, place, partitionKey } = data === undefined
      ? {
        values: [new Undecodable("Cannot read the record as it must have data")],
        payload: text,
        place: () => "",
      }
      : recordReadings(data, text, decompression);
    for (const value of found) {
      values.push(value);
      recordOf.push(record);
    }
    return { payload, place, partitionKey };
  });
  return {
    values,
    payload: (i) => ways[recordOf[i]].payload(i - firstOf[recordOf[i]]),
    place: (i) => joinPlaces(records[recordOf[i]].place, ways[recordOf[i]].place(i - firstOf[recordOf[i]])),
    record: (i) => {
      const { identity } = records[recordOf[i]];
      const partitionKey = ways[recordOf[i]].partitionKey?.(i - firstOf[recordOf[i]]);
      return partitionKey === undefined ? identity : { ...identity, partition_key: partitionKey };
    },
  };
}
