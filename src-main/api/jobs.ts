import { randomUUID } from "node:crypto";
import type { Job, JobKind } from "../../src-shared/contract/upkeep.ts";
import { toErrorBody, WaybillError } from "../../src-shared/errors.ts";
import { formatTime } from "../../src-shared/time.ts";

/** How often a running job's progress is told at most. */
const PROGRESS_INTERVAL_MS = 200;
const KEPT_ENDED_JOBS = 20;

/** These replace the database under everything else, so nothing else that tends it may run beside them. */
const EXCLUSIVE: ReadonlySet<JobKind> = new Set(["restore", "repair"]);
/** Any number of these may run, also beside others of their kind. */
const CONCURRENT: ReadonlySet<JobKind> = new Set(["export", "import"]);

export type JobTask = {
  kind: JobKind;
  unit: Job["unit"];
  /** Resolves to a sentence on the result, and the name of a file where one can be fetched. */
  run: (context: JobContext) => Promise<JobResult>;
};
export type JobContext = {
  jobId: string;
  signal: AbortSignal;
  onProgress: (done: number, total: number | null) => void;
};
export type JobResult = { message: string; fileName?: string | null };

type Running = {
  job: Job;
  controller: AbortController;
  ended: Promise<void>;
  toldAt: number;
  timer: NodeJS.Timeout | null;
};

export type JobManagerOptions = {
  onChange: (job: Job) => void;
  /** For failures that are not `WaybillError`: the job itself only says that there was one. */
  onUnexpected: (error: unknown, kind: JobKind) => void;
};

/** Long work of the host: at most one of a maintenance kind at a time, with progress and cancelling. */
export class JobManager {
  readonly #options: JobManagerOptions;
  readonly #running = new Map<string, Running>();
  #ended: Job[] = [];
  #closed = false;

  constructor(options: JobManagerOptions) {
    this.#options = options;
  }

  /** Throws `conflict` where another job is in the way, `unavailable` once the host stops. */
  start(task: JobTask): Job {
    if (this.#closed)
      throw new WaybillError("unavailable", "Waybill is stopping. Start it again, then try once more.");
    this.#assertFree(task.kind);
    const job: Job = {
      job_id: randomUUID(),
      kind: task.kind,
      state: "running",
      started_ts: formatTime(Date.now()),
      ended_ts: null,
      done: 0,
      total: null,
      unit: task.unit,
      message: null,
      file_name: null,
    };
    const running: Running = {
      job,
      controller: new AbortController(),
      ended: Promise.resolve(),
      toldAt: 0,
      timer: null,
    };
    this.#running.set(job.job_id, running);
    running.ended = this.#run(task, running);
    this.#tell(running);
    return { ...job };
  }

  /** Running ones and the last that ended, newest first. */
  list(): Job[] {
    const running = [...this.#running.values()].map(({ job }) => ({ ...job }));
    return [...running.reverse(), ...this.#ended];
  }

  /** Throws `not_found` for an unknown job and `conflict` for one that has ended. */
  cancel(jobId: string): Job {
    const running = this.#running.get(jobId);
    if (running !== undefined) {
      running.controller.abort();
      return { ...running.job };
    }
    if (this.#ended.some((job) => job.job_id === jobId)) {
      throw new WaybillError("conflict", "This job has ended already.");
    }
    throw new WaybillError("not_found", `There is no job ${jobId}.`);
  }

  /** Takes no more jobs, stops those that run and waits for them. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { controller } of this.#running.values()) controller.abort();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  #assertFree(kind: JobKind): void {
    if (CONCURRENT.has(kind)) return;
    for (const { job } of this.#running.values()) {
      if (CONCURRENT.has(job.kind)) continue;
      if (job.kind === kind || EXCLUSIVE.has(kind) || EXCLUSIVE.has(job.kind)) {
        throw new WaybillError(
          "conflict",
          `A ${job.kind} is running. Wait for its end or cancel it, then try again.`,
          {
            details: { job_id: job.job_id },
          },
        );
      }
    }
  }

  async #run(task: JobTask, running: Running): Promise<void> {
    const { job, controller } = running;
    const onProgress = (done: number, total: number | null) => {
      job.done = Math.trunc(done);
      job.total = total === null ? null : Math.trunc(total);
      this.#tellSoon(running);
    };
    try {
      // Not before `start` has returned, so that its caller hears of the job first.
      await Promise.resolve();
      if (controller.signal.aborted) throw new WaybillError("cancelled", "It was cancelled before it began.");
      const { message, fileName } = await task.run({
        jobId: job.job_id,
        signal: controller.signal,
        onProgress,
      });
      Object.assign(job, { state: "done", message, file_name: fileName ?? null });
    } catch (error) {
      const body = toErrorBody(error);
      if (controller.signal.aborted || body.code === "cancelled") {
        Object.assign(job, { state: "cancelled", message: "Cancelled." });
      } else {
        Object.assign(job, { state: "failed", message: body.message });
        if (body.code === "internal") this.#options.onUnexpected(error, job.kind);
      }
    }
    job.ended_ts = formatTime(Date.now());
    this.#running.delete(job.job_id);
    this.#ended = [job, ...this.#ended].slice(0, KEPT_ENDED_JOBS);
    this.#tell(running);
  }

  #tellSoon(running: Running): void {
    if (running.timer !== null) return;
    const wait = running.toldAt + PROGRESS_INTERVAL_MS - Date.now();
    if (wait <= 0) this.#tell(running);
    else running.timer = setTimeout(() => this.#tell(running), wait).unref();
  }

  #tell(running: Running): void {
    if (running.timer !== null) clearTimeout(running.timer);
    running.timer = null;
    running.toldAt = Date.now();
    this.#options.onChange({ ...running.job });
  }
}
