/** The lake: files under keys, in S3 or in a folder. Everything that reads or writes the lake goes through this. */

/** What is stored under a key. */
export interface LakeObject {
  /** Path within the lake, without a leading slash: `processed/year=2024/month=01/day=01/sensor_data.parquet`. */
  readonly key: string;
  readonly bytes: number;
}

/** An object that has just been written whole. */
export interface WrittenObject extends LakeObject {
  /** SHA-256 of its content, in hexadecimal digits. */
  readonly sha256: string;
}

/** Writes one object. Readers see what was there before until `commit` has returned, and the whole object from then on. */
export interface LakeWriter {
  /** Takes the next bytes; resolves when more may come (backpressure). They are copied or sent, never kept. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the object visible, in place of an earlier one. */
  commit(): Promise<WrittenObject>;
  /** Gives up: nothing was written. Harmless after `commit`. */
  abort(): Promise<void>;
}

/** A lake. Each method tries again by itself what may pass by itself. */
export interface Lake {
  /** Where it is, without credentials: `s3://bucket/prefix` or `file:///path`. */
  readonly url: string;
  /** Begins an object of any size, in bounded memory. */
  create(key: string): Promise<LakeWriter>;
  /** Writes a small object. */
  put(key: string, content: Uint8Array | string): Promise<WrittenObject>;
  /** An object's content, whole. @throws {MissingObjectError} */
  read(key: string): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * An object's content, bit by bit; always of one object, also when another one takes its place meanwhile.
   *
   * @param from Byte to begin at, from 0; the beginning unless given.
   * @throws {MissingObjectError}
   */
  stream(key: string, from?: number): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /** Size of an object; undefined where there is none. */
  stat(key: string): Promise<LakeObject | undefined>;
  /** Objects whose key begins with the prefix, in the order of their keys by code point, as `collate "C"` has it. */
  list(prefix: string): AsyncIterable<LakeObject>;
  /** Removes an object; harmless where there is none. */
  remove(key: string): Promise<void>;
}

/** There is no object under the key. */
export class MissingObjectError extends Error {
  override readonly name = "MissingObjectError";
  constructor(readonly key: string, lake: string) {
    super(`Cannot read ${key} as it must be in the lake ${lake}`);
  }
}

/** The lake cannot be reached or used, or refuses; its message tells why. */
export class LakeError extends Error {
  override readonly name = "LakeError";
  /** @param transient Whether the same may succeed later. */
  constructor(message: string, readonly transient: boolean, options?: ErrorOptions) {
    super(message, options);
  }
}
