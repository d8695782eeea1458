import { expect, test } from "vitest";
import { JobManager, type JobTask } from "../../src-main/api/jobs.ts";
import type { Job, JobKind } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";

function managerOf() {
  const changes: Job[] = [];
  const unexpected: unknown[] = [];
  const manager = new JobManager({
    onChange: (job) => changes.push(job),
    onUnexpected: (error) => unexpected.push(error),
  });
  return { manager, changes, unexpected };
}

/** Runs until it is told to end, or is cancelled. */
function openTask(kind: JobKind) {
  let end = (_message: string) => {};
  let fail = (_error: Error) => {};
  const task: JobTask = {
    kind,
    unit: "rows",
    run: ({ signal, onProgress }) =>
      new Promise((resolve, reject) => {
        end = (message) => resolve({ message });
        fail = reject;
        onProgress(1.5, 10);
        signal.addEventListener("abort", () => reject(new WaybillError("cancelled", "Stopped.")));
      }),
  };
  return { task, end: (message: string) => end(message), fail: (error: Error) => fail(error) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a job runs, tells how far it is, and ends with its sentence", async () => {
  const { manager, changes } = managerOf();
  const vacuum = openTask("vacuum");
  const started = manager.start(vacuum.task);
  expect(started).toMatchObject({ kind: "vacuum", state: "running", done: 0, message: null, ended_ts: null });
  await turn();
  expect(manager.list()[0]).toMatchObject({ done: 1, total: 10 });
  vacuum.end("Done.");
  await turn();
  expect(manager.list()).toMatchObject([{ job_id: started.job_id, state: "done", message: "Done." }]);
  expect(changes.at(0)?.state).toBe("running");
  expect(changes.at(-1)?.state).toBe("done");
});

test("one of a kind at a time, and nothing beside a restore; exports run side by side", async () => {
  const { manager } = managerOf();
  manager.start(openTask("backup").task);
  expect(() => manager.start(openTask("backup").task)).toThrow(/A backup is running/);
  expect(() => manager.start(openTask("restore").task)).toThrow(/A backup is running/);
  manager.start(openTask("vacuum").task);
  manager.start(openTask("export").task);
  manager.start(openTask("export").task);
  await manager.close();

  const other = managerOf().manager;
  other.start(openTask("restore").task);
  expect(() => other.start(openTask("check").task)).toThrow(/A restore is running/);
  await other.close();
});

test("a cancelled job says so; one that has ended can't be cancelled", async () => {
  const { manager } = managerOf();
  const { job_id } = manager.start(openTask("export").task);
  await turn();
  expect(manager.cancel(job_id).job_id).toBe(job_id);
  await turn();
  expect(manager.list()).toMatchObject([{ state: "cancelled" }]);
  expect(() => manager.cancel(job_id)).toThrow(/has ended already/);
  expect(() => manager.cancel("other")).toThrow(/There is no job/);
});

test("a failure shows its sentence if it is ours; any other goes to the log alone", async () => {
  const { manager, unexpected } = managerOf();
  const check = openTask("check");
  manager.start(check.task);
  await turn();
  check.fail(new WaybillError("unavailable", "Damage was found."));
  await turn();
  expect(manager.list()[0]).toMatchObject({ state: "failed", message: "Damage was found." });

  const backup = openTask("backup");
  manager.start(backup.task);
  await turn();
  backup.fail(new Error("secret path"));
  await turn();
  expect(manager.list()[0]?.message).not.toContain("secret path");
  expect(unexpected).toHaveLength(1);
});

test("the last twenty that ended are kept, and a closed manager starts no more", async () => {
  const { manager } = managerOf();
  for (let count = 0; count < 25; count += 1) {
    manager.start({ kind: "export", unit: "rows", run: async () => ({ message: String(count) }) });
    await turn();
  }
  const jobs = manager.list();
  expect(jobs).toHaveLength(20);
  expect(jobs[0]?.message).toBe("24");

  manager.start(openTask("vacuum").task);
  await manager.close();
  expect(manager.list()[0]).toMatchObject({ kind: "vacuum", state: "cancelled" });
  expect(() => manager.start(openTask("vacuum").task)).toThrow(/is stopping/);
});
