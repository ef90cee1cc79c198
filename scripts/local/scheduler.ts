/** Runs the jobs of cron.job on time, where the stand-in of platform.sql takes pg_cron's place. */

import { Cron } from "croner";
import type postgres from "postgres";
import { complain } from "../cli.ts";
import { sendRequests } from "./requests.ts";

interface Job {
  jobid: string;
  jobname: string;
  schedule: string;
  command: string;
}

/**
 * As in pg_cron, a job never overlaps itself, schedules are UTC, and each run is in cron.job_run_details. After each
 * run it sends what was asked of the stand-in of pg_net; a job that asks is not over before the answer.
 */
export class Scheduler {
  readonly #sql: postgres.Sql;
  readonly #running = new Map<string, Promise<void>>();
  #clock: Cron | undefined;
  #first: Promise<void> | undefined;
  #stopped = false;

  constructor(sql: postgres.Sql) {
    this.#sql = sql;
  }

  /**
   * Runs every job once, because nobody ran them while this machine was off, and looks at cron.job each minute, so
   * that a job that is scheduled meanwhile runs too. They first run one after the other, spool-watch last: it would
   * otherwise see how long the others have not run and raise alerts.
   */
  async start(): Promise<void> {
    const jobs = await this.#jobs();
    this.#first = (async () => {
      for (const job of jobs) {
        if (this.#stopped) break;
        this.#start(job);
        await this.#running.get(job.jobid);
      }
    })();
    this.#clock = new Cron("* * * * *", { timezone: "UTC" }, async (clock: Cron) => {
      try {
        await this.runDueJobs(clock.currentRun()!);
      } catch (error) {
        complain(`the scheduler could not read cron.job: ${(error as Error).message}`);
      }
    });
  }

  /** Starts no more jobs, and waits for those that run. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#clock?.stop();
    await this.settled();
  }

  /** Waits for the jobs that run now. */
  async settled(): Promise<void> {
    await this.#first;
    await Promise.all(this.#running.values());
  }

  /** Starts the jobs that are due in the minute of a time; those still running from an earlier one are left alone. */
  async runDueJobs(time: Date): Promise<void> {
    const minute = new Date(time);
    minute.setUTCSeconds(0, 0); // the clock may be late, and five fields mean second 0
    for (const job of await this.#jobs()) {
      if (new Cron(job.schedule, { timezone: "UTC" }).match(minute)) this.#start(job);
    }
  }

  async #jobs(): Promise<Job[]> {
    return await this.#sql<Job[]>`
      select jobid, jobname, schedule, command from cron.job where active
      order by jobname = 'spool-watch', jobid`;
  }

  #start(job: Job): void {
    if (this.#running.has(job.jobid)) return;
    const run = this.#run(job)
      .catch((error) => complain(`job ${job.jobname} could not be recorded: ${(error as Error).message}`))
      .finally(() => this.#running.delete(job.jobid));
    this.#running.set(job.jobid, run);
  }

  async #run({ jobid, jobname, command }: Job): Promise<void> {
    const sql = this.#sql;
    const [{ runid }] = await sql`
      insert into cron.job_run_details (jobid, command, status, start_time)
      values (${jobid}, ${command}, 'running', clock_timestamp()) returning runid`;
    let status = "succeeded";
    let message: string;
    try {
      message = `${(await sql.unsafe(command)).count ?? 0} rows`;
    } catch (error) {
      status = "failed";
      message = (error as Error).message;
      complain(`job ${jobname} failed: ${message}`);
    }
    await sql`
      update cron.job_run_details
      set status = ${status}, return_message = ${message}, end_time = clock_timestamp()
      where runid = ${runid}`;
    await sendRequests(sql);
  }
}
