/** The readings of a delivery's records, as candidates for the intake. */

import { type Candidates, joinPlaces, Undecodable } from "../../shared/candidates.ts";
import { Decompression, type RecordReadings, recordReadings } from "../../shared/record_data.ts";
import type { Delivery } from "./envelopes.ts";

/** The way back from a candidate to its text, through the record that it came in. */
interface Way extends Omit<RecordReadings, "values"> {
  readonly record: number;
  /** Its first candidate. */
  readonly first: number;
}

/**
 * Decodes the records of a delivery, each on its own: what is wrong with one costs no other.
 *
 * @param mostBytes What all gzipped records may come to after decompression.
 */
export async function decodeRecords(delivery: Delivery, mostBytes: number): Promise<Candidates> {
  const decompression = new Decompression(mostBytes);
  const values: unknown[] = [];
  const ways: Way[] = []; // of each candidate
  for (const [record, data] of delivery.data.entries()) {
    const { values: found, payload, place, partitionKey } = data === undefined
      ? missing(delivery, record)
      : await recordReadings(data, () => delivery.text(record), decompression);
    const way = { record, first: values.length, payload, place, partitionKey };
    for (const value of found) {
      values.push(value);
      ways.push(way);
    }
  }
  return { values, ...waysBack(ways, delivery.place, delivery.identity) };
}

function missing({ text }: Delivery, record: number): RecordReadings {
  const fault = new Undecodable("Cannot read the record as it must have data");
  return { values: [fault], payload: () => text(record), place: () => "" };
}

/**
 * In a function of its own, so that what the intake keeps until the database has answered is the texts of the readings,
 * and neither the decoded values nor the body.
 */
function waysBack(
  ways: readonly Way[],
  placeOf: Delivery["place"],
  identityOf: Delivery["identity"],
): Required<Omit<Candidates, "values">> {
  return {
    payload: (i) => ways[i].payload(i - ways[i].first),
    place: (i) => joinPlaces(placeOf(ways[i].record), ways[i].place(i - ways[i].first)),
    record: (i) => {
      const identity = identityOf(ways[i].record);
      const key = ways[i].partitionKey?.(i - ways[i].first);
      return key === undefined ? identity : { ...identity, partition_key: key };
    },
  };
}
