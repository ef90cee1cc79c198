/** A Postgres server of one test's own, with the migrations applied, that the test can kill. */

import { join } from "node:path";
import { migrate } from "../../scripts/database/migrations.ts";
import { applyPlatform } from "../../scripts/local/platform.ts";
import { freePort, type LocalPostgres, startPostgres } from "../../scripts/local/postgres.ts";
import { connect } from "../../shared/database.ts";

/** A running server. Its commits survive a SIGKILL: they are with the operating system by then. */
export class KillablePostgres implements AsyncDisposable {
  #postgres!: LocalPostgres;
  readonly #port = freePort();
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(): Promise<KillablePostgres> {
    const folder = await Deno.makeTempDir({ prefix: "spool-kill-" });
    await Deno.chmod(folder, 0o755);
    const server = new KillablePostgres(folder);
    await server.#start();
    const sql = connect(server.url, 1);
    await applyPlatform(sql);
    await migrate(sql);
    await sql.end();
    return server;
  }

  async #start(): Promise<void> {
    // fsync protects from the machine's death, not from the server's
    const settings = { fsync: "off", synchronous_commit: "on", max_connections: "30" };
    this.#postgres = await startPostgres({ dataDir: join(this.#folder, "data"), port: this.#port, settings });
  }

  get url(): string {
    return this.#postgres.url("postgres");
  }

  /** Kills every process of the server as a power cut would, and starts it again. */
  async killAll(): Promise<void> {
    const { stdout } = await new Deno.Command("ps", {
      args: ["-o", "pid=", "--ppid", String(this.#postgres.pid)],
    }).output();
    const children = new TextDecoder().decode(stdout).trim().split(/\s+/).map(Number);
    for (const pid of [this.#postgres.pid, ...children]) Deno.kill(pid, "SIGKILL");
    await this.#postgres.ended;
    await this.#start();
  }

  /** Kills one session; Postgres then ends all the others, recovers, and goes on. */
  async killSession(pid: number): Promise<void> {
    Deno.kill(pid, "SIGKILL");
    for (;;) { // until it has recovered
      const sql = connect(this.url, 1);
      try {
        const [{ gone }] =
          await sql`select not exists (select from pg_stat_activity where pid = ${pid}) as gone`;
        if (gone) return;
      } catch {
        // "the database system is in recovery mode"
      } finally {
        await sql.end({ timeout: 0 });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#postgres.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
