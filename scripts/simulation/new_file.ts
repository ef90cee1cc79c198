/** Files that a simulation makes. It never writes over one: the same name may be that of real data. */

import { CommandError } from "../cli.ts";

function refusal(path: string, error: unknown): CommandError {
  if (error instanceof Deno.errors.AlreadyExists) {
    return new CommandError(`Cannot write ${path} as it must not exist yet: it does`);
  }
  return new CommandError(`Cannot write ${path}`, { cause: error });
}

/**
 * Makes a file and opens it.
 *
 * @throws {CommandError} When it exists, or its folder does not.
 */
export async function createFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { createNew: true, write: true });
  } catch (error) {
    throw refusal(path, error);
  }
}
