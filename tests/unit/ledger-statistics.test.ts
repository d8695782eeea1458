import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Database from "better-sqlite3";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import { checkDatabase, prepareRestore, sealCopy } from "../../src-main/ledger/task/verify.ts";
import { writerMethods } from "../../src-main/ledger/writer/serve.ts";
import { Writer } from "../../src-main/ledger/writer/writer.ts";
import { latencyBin } from "../../src-shared/latency.ts";
import type { StoredMessage } from "../../src-shared/record.ts";
import { STATUSES, type Status } from "../../src-shared/status.ts";
import { DAY_MS, HOUR_MS } from "../../src-shared/time.ts";
import { inspect, rows } from "../support/ledger.ts";
import { messageEntry, nextOwner, pruneBefore, statusEntry, submit } from "../support/writer.ts";

const NOW = Date.UTC(2026, 0, 31, 12);
const CONTEXT = { progress: () => {}, signal: new AbortController().signal };

type Row = StoredMessage & { error_template_id: number | null };

/** What the statistics ought to be, counted in the plainest way. */
function recount(messages: readonly Row[]): Record<string, number> {
  const sums: Record<string, number> = {};
  const add = (key: string, by = 1): void => {
    sums[key] = (sums[key] ?? 0) + by;
  };
  for (const row of messages) {
    for (const [grain, length] of [HOUR_MS, DAY_MS, 32 * DAY_MS].entries()) {
      const slot = `${grain} ${Math.floor(row.origin_ts / length)}`;
      add(`count ${slot} all  ${row.status}`);
      add(`count ${slot} channel ${row.channel} ${row.status}`);
      const template = row.template_name ?? row.template_id;
      if (template !== null) add(`count ${slot} template ${template} ${row.status}`);
      if (row.error_template_id !== null) add(`count ${slot} error ${row.error_template_id} ${row.status}`);
      if (grain > 0) {
        const recipients = JSON.parse(row.destination_subject_ids) as string[];
        for (const domain of new Set(recipients.flatMap((id) => id.split("@")[1]?.toLowerCase() ?? [])))
          add(`count ${slot} domain ${domain} ${row.status}`);
      }
      for (const [stage, ts] of [
        ["sent", row.sent_ts],
        ["delivered", row.delivered_ts],
      ] as const) {
        if (ts !== null) add(`latency ${slot} ${stage} ${latencyBin(ts - row.origin_ts)}`);
      }
    }
    if (row.session_id !== null) {
      add(`session ${row.session_id} total`);
      if (row.error_template_id !== null) add(`error ${row.session_id} ${row.error_template_id}`);
      add(`session ${row.session_id} ${counter(row.status)}`);
      if (row.sent_ts !== null) {
        add(`session ${row.session_id} send_count`);
        add(`session ${row.session_id} send_ms`, row.sent_ts - row.origin_ts);
      }
    }
  }
  return withoutZeros(sums);
}

function counter(status: Status): string {
  if (["sent", "delivered", "read"].includes(status)) return "successful";
  return status === "sending" ? "pending" : status;
}

/** What the ledger keeps. */
function kept(database: Database.Database): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { grain, slot, dimension, key, ...counts } of rows(database, "SELECT * FROM message_counts")) {
    if (STATUSES.every((status) => counts[status] === 0))
      throw new Error(`${key} is kept and counts nothing`);
    for (const status of STATUSES)
      sums[`count ${grain} ${slot} ${dimension} ${key} ${status}`] = Number(counts[status]);
  }
  for (const { grain, slot, stage, bin, count } of rows(database, "SELECT * FROM message_latencies"))
    sums[`latency ${grain} ${slot} ${stage} ${bin}`] = Number(count);
  for (const { session_id, error_template_id, count } of rows(database, "SELECT * FROM session_errors"))
    sums[`error ${session_id} ${error_template_id}`] = Number(count);
  for (const { session_id, ...session } of rows(database, "SELECT * FROM sessions")) {
    for (const name of ["total", "successful", "failed", "pending", "cancelled", "send_count", "send_ms"])
      sums[`session ${session_id} ${name}`] = Number(session[name]);
  }
  // A row that counts nothing ought not to be there, but for a session's.
  for (const [key, count] of Object.entries(sums)) {
    if (count === 0 && /^(latency|error) /.test(key)) throw new Error(`${key} is kept and counts nothing`);
  }
  return withoutZeros(sums);
}

function withoutZeros(sums: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).filter(([, count]) => count !== 0));
}

const origin = fc
  .integer({ min: 0, max: 60 * 24 })
  .map((hours) => NOW - hours * HOUR_MS - (hours % 7) * 1_000);
const after = fc.option(fc.constantFrom(-1_000, 0, 1, 900, 60_000, HOUR_MS), { freq: 2 });

const message = fc
  .record({
    id: fc.nat({ max: 30 }),
    session_id: fc.option(fc.constantFrom("s1", "s2", "s3"), { freq: 2 }),
    channel: fc.constantFrom("email", "sms"),
    status: fc.constantFrom(...STATUSES),
    origin_ts: origin,
    sent: after,
    delivered: after,
    template_id: fc.option(fc.constantFrom("t1", "t2")),
    template_name: fc.option(fc.constantFrom("Welcome")),
    error_message: fc.option(fc.constantFrom("no route", "550 a@b.cd unknown", "550 c@d.ef unknown")),
    destination_subject_ids: fc.array(fc.constantFrom("a@b.cd", "e@B.cd", "c@d.ef", "+49 1"), {
      maxLength: 3,
    }),
  })
  .map(({ id, sent, delivered, ...fields }) => ({
    ...fields,
    message_uuid: uuid(id),
    sent_ts: sent === null ? null : fields.origin_ts + sent,
    delivered_ts: delivered === null ? null : fields.origin_ts + delivered,
  }));

const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("log"), list: fc.array(message, { minLength: 1, maxLength: 6 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("status"),
      id: fc.nat({ max: 30 }),
      status: fc.constantFrom(...STATUSES),
      ts: origin,
      error_message: fc.option(fc.constantFrom("no route", "timeout after 3 s")),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("prune"), days: fc.integer({ min: 1, max: 61 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("backup", "restore", "reopen", "rebuild", "index") }),
  },
);

function uuid(id: number): string {
  return `0198c0de-7000-7000-8000-${String(id).padStart(12, "0")}`;
}

it("equal a recount of the rows whatever was done", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 3, maxLength: 25 }), async (commands) => {
      const dataDir = mkdtempSync(join(tmpdir(), "waybill-statistics-"));
      const paths = ledgerPaths(dataDir);
      const start = (): Writer => {
        const made = new Writer(paths, nextOwner(), { onState: () => {}, onDamage: () => {} });
        made.start();
        return made;
      };
      let writer = start();
      let model = new Map<string, number>();
      let saved: { file: string; model: Map<string, number> } | null = null;
      let serial = 0;
      try {
        for (const step of commands) {
          const methods = writerMethods(writer, paths);
          if ("list" in step) {
            const results = await submit(
              writer,
              step.list.map((fields) => messageEntry(fields, NOW)),
            );
            for (const [index, fields] of step.list.entries()) {
              const isNew = !model.has(fields.message_uuid);
              expect(results[index]?.outcome).toBe(isNew ? "new" : "duplicate");
              if (isNew) model.set(fields.message_uuid, fields.origin_ts);
            }
          } else if ("status" in step) {
            const [result] = await submit(writer, [
              statusEntry(uuid(step.id), step.status, { ts: step.ts, error_message: step.error_message }),
            ]);
            expect(result?.outcome).toBe(model.has(uuid(step.id)) ? "changed" : "unknown");
          } else if ("days" in step) {
            const deleted = await pruneBefore({ writer, dataDir }, NOW - step.days * DAY_MS);
            const left = new Map([...model].filter(([, ts]) => ts >= NOW - step.days * DAY_MS));
            expect(deleted).toBe(model.size - left.size);
            model = left;
          } else if (step.do === "backup") {
            serial += 1;
            const file = join(dataDir, `backup-${serial}.db`);
            await methods.backup({ file }, CONTEXT);
            sealCopy(file);
            saved = { file, model: new Map(model) };
          } else if (step.do === "restore" && saved !== null) {
            serial += 1;
            prepareRestore(saved.file);
            await methods.swap({ incoming: saved.file, kept: join(dataDir, `kept-${serial}.db`) });
            model = saved.model;
            saved = null;
          } else if (step.do === "reopen") {
            await writer.close();
            writer = start();
          } else if (step.do === "rebuild") {
            await methods.rebuild();
          } else if (step.do === "index") {
            while (writer.state().indexLag > 0) await new Promise((resolve) => setTimeout(resolve, 5));
          }
          inspect(dataDir, (database) => {
            const messages = rows<Row>(database, "SELECT * FROM message_logs");
            expect(new Map(messages.map((row) => [row.message_uuid, row.origin_ts]))).toEqual(model);
            expect(kept(database)).toEqual(recount(messages));
          });
        }
        const { chain, ...findings } = checkDatabase(paths.database);
        expect(findings).toEqual({ damage: [], drift: [] });
        expect(chain?.broken).toBeNull();
        inspect(dataDir, (database) => {
          expect(
            rows(
              database,
              "SELECT 1 FROM message_events WHERE message_uuid NOT IN (SELECT message_uuid FROM message_logs)",
            ),
          ).toEqual([]);
          // Of what was pruned no word is found any more.
          expect(
            rows(
              database,
              "SELECT rowid FROM message_search WHERE message_search MATCH 'b OR route OR timeout' AND rowid NOT IN (SELECT seq FROM message_logs)",
            ),
          ).toEqual([]);
        });
      } finally {
        await writer.close();
        rmSync(dataDir, { recursive: true, force: true });
      }
    }),
    { numRuns: 25 },
  );
});
