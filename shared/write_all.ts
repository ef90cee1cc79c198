/** Anything that takes bytes: a file, standard output. */
interface Writer {
  write(bytes: Uint8Array): Promise<number>;
}

/** Writes all of `bytes`: a write may take less than it is given. */
export async function writeAll(writer: Writer, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await writer.write(bytes.subarray(done));
}
