import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { beforeAll, describe, expect, it } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import type { ReadableDatabase } from "../../src-main/ledger/open.ts";
import { openReadable } from "../../src-main/ledger/open.ts";
import { registerSearchFunctions } from "../../src-main/ledger/query-sql.ts";
import { changesAfter, lastChange } from "../../src-main/ledger/reader/changes.ts";
import { getMessage, searchMessages, windowMessages } from "../../src-main/ledger/reader/messages.ts";
import { getSession, listSessions, undelivered } from "../../src-main/ledger/reader/sessions.ts";
import { overview, quickStats } from "../../src-main/ledger/reader/statistics.ts";
import { finish } from "../../src-main/ledger/reader/steps.ts";
import { listSystemLogs } from "../../src-main/ledger/reader/system-logs.ts";
import { Writer } from "../../src-main/ledger/writer/writer.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { HOUR_MS } from "../../src-shared/time.ts";
import { plansOf, stepsOn } from "../support/plans.ts";
import { messageEntry } from "../support/writer.ts";

// The plans of the very statements that the reader runs, on a ledger that has seen `PRAGMA optimize` and on one
// that has not: an index that a page relies on can't be lost, by a migration or by statistics, without a red test.
const START = Date.UTC(2026, 0, 1);
const ROWS = 3_000;

const folder = mkdtempSync(join(tmpdir(), "waybill-plans-"));
let fresh: ReadableDatabase;
let analyzed: ReadableDatabase;

async function fill(dataDir: string): Promise<void> {
  const writer = new Writer(ledgerPaths(dataDir), "00000000", { onState: () => {}, onDamage: () => {} });
  writer.start();
  const entries = Array.from({ length: ROWS }, (_, index) =>
    messageEntry({
      channel: ["email", "sms", "chat"][index % 3] ?? "",
      status: STATUSES[index % STATUSES.length] ?? "pending",
      session_id: index % 2 === 0 ? `session-${index % 40}` : null,
      origin_ts: START + index * (HOUR_MS / 10),
      error_message: index % 7 === 5 ? `550 no such user ${["a", "b", "c"][index % 3]}` : null,
      destination_subject_ids: [`r${index % 100}@example.com`],
    }),
  );
  await writer.submit(entries);
  await writer.submit([
    { op: "system_log", at: START, level: "info", component: "test", message: "filled", details: null },
  ]);
  await writer.close();
}

function open(dataDir: string): ReadableDatabase {
  const database = openReadable(ledgerPaths(dataDir).database);
  registerSearchFunctions(database);
  return database;
}

beforeAll(async () => {
  await fill(join(folder, "a"));
  fresh = open(join(folder, "a"));
  await fill(join(folder, "b"));
  const writable = new Database(ledgerPaths(join(folder, "b")).database);
  writable.exec("ANALYZE");
  writable.close();
  analyzed = open(join(folder, "b"));
  return () => {
    fresh.close();
    analyzed.close();
    rmSync(folder, { recursive: true });
  };
}, 60_000);

/** The steps that touch a table, on both ledgers; they must be the same kind of steps on each. */
function eachLedger(
  read: (database: ReadableDatabase) => unknown,
  table: string,
  check: (steps: string[]) => void,
): void {
  for (const database of [fresh, analyzed]) check(stepsOn(plansOf(database, read), table));
}

const SORTS = /USE TEMP B-TREE FOR (LAST TERM OF )?ORDER BY/;
const WHOLE_TABLE = /^SCAN (m|message_logs|sessions|system_logs|message_events)$/;

function search(q: string) {
  return (database: ReadableDatabase) => finish(searchMessages(database, { q, limit: 100, cursor: null }));
}

describe("a page of messages", () => {
  it.each([
    ["all", "", /^(SEARCH|SCAN) m USING INDEX message_logs_by_time/],
    ["of a time", "after:2026-01-02 before:2026-01-03", /^SEARCH m USING INDEX message_logs_by_time/],
    ["of a session", "session:session-4", /^SEARCH m USING INDEX message_logs_by_session \(session_id=\?/],
    [
      "of a reason of failure",
      "reason:1",
      /^SEARCH m USING INDEX message_logs_by_error \(error_template_id=\?/,
    ],
    [
      "of one uuid",
      `uuid:${"0198c0de-7000-7000-8000-000000000001"}`,
      /^SEARCH m USING INDEX message_logs_by_uuid/,
    ],
  ])("%s is read in order from an index", (_, q, index) => {
    eachLedger(search(q), "ORDER BY m.origin_ts", (steps) => {
      expect(steps).toEqual(expect.arrayContaining([expect.stringMatching(index)]));
      expect(steps.join("\n")).not.toMatch(WHOLE_TABLE);
      if (!q.startsWith("uuid:")) expect(steps.join("\n")).not.toMatch(SORTS);
    });
  });

  it("of audit events is walked by time, or led to by their session", () => {
    eachLedger(search("channel:email type:*"), "ORDER BY m.origin_ts", (steps) => {
      expect(steps.join("\n")).toMatch(/^(SEARCH|SCAN) m USING INDEX message_logs_by_time/);
      expect(steps.join("\n")).not.toMatch(SORTS);
    });
    eachLedger(search("channel:email type:review session:session-4"), "ORDER BY m.origin_ts", (steps) => {
      expect(steps.join("\n")).toMatch(/USING INDEX message_logs_by_session/);
    });
  });

  it("of a status is read in order from its index", () => {
    eachLedger(search("status:failed"), "ORDER BY m.origin_ts", (steps) => {
      expect(steps).toEqual([
        expect.stringMatching(/^SEARCH m USING INDEX message_logs_by_status \(status=\?/),
      ]);
    });
  });

  it("of several statuses is never a scan of the table", () => {
    eachLedger(search("status:failed,cancelled"), "ORDER BY m.origin_ts", (steps) => {
      expect(steps.join("\n")).toMatch(/USING INDEX message_logs_by_(status|time)/);
      expect(steps.join("\n")).not.toMatch(WHOLE_TABLE);
    });
  });

  it("of a channel is read from an index, in order", () => {
    eachLedger(search("channel:email"), "ORDER BY m.origin_ts", (steps) => {
      expect(steps.join("\n")).toMatch(/USING INDEX message_logs_by_(channel|time)/);
      expect(steps.join("\n")).not.toMatch(SORTS);
    });
  });

  it("further down is skipped to in an index alone", () => {
    const read = (database: ReadableDatabase) =>
      finish(windowMessages(database, { q: "", offset: 1_000, limit: 10, until: null }));
    eachLedger(read, "OFFSET", (steps) => {
      expect(steps).toEqual([expect.stringMatching(/USING COVERING INDEX message_logs_by_time/)]);
    });
  });
});

describe("one message", () => {
  it("and its history are found by the uuid", () => {
    const read = (database: ReadableDatabase) => {
      const [newest] = finish(searchMessages(database, { q: "", limit: 1, cursor: null })).messages;
      return getMessage(database, { message_uuid: newest?.message_uuid ?? "" });
    };
    eachLedger(read, "FROM message_events", (steps) => {
      expect(steps).toContain("SEARCH message_events USING INDEX message_events_by_message (message_seq=?)");
    });
    eachLedger(read, "FROM message_logs WHERE message_uuid", (steps) => {
      expect(steps).toEqual(["SEARCH message_logs USING INDEX message_logs_by_uuid (message_uuid=?)"]);
    });
  });
});

describe("sessions", () => {
  it("are listed in order from their index", () => {
    const read = (database: ReadableDatabase) =>
      listSessions(database, { text: "", days: null, limit: 10, cursor: null });
    eachLedger(read, "FROM sessions", (steps) => {
      expect(steps[0]).toMatch(/^SEARCH sessions USING INDEX sessions_by_start/);
      expect(steps.join("\n")).not.toMatch(SORTS);
    });
  });

  it("have their errors from an index", () => {
    const read = (database: ReadableDatabase) => finish(getSession(database, { session_id: "session-4" }));
    eachLedger(read, "FROM session_errors", (steps) => {
      expect(steps[0]).toBe("SEARCH e USING PRIMARY KEY (session_id=?)");
    });
  });

  it("have their messages, timeline and recipients from an index", () => {
    for (const read of [
      (database: ReadableDatabase) => finish(getSession(database, { session_id: "session-4" })),
      (database: ReadableDatabase) => undelivered(database, { session_id: "session-4", limit: 10 }),
    ]) {
      for (const database of [fresh, analyzed]) {
        const steps = plansOf(database, read).flatMap((plan) => plan.steps);
        expect(steps.filter((step) => /^(SCAN|SEARCH) (m|message_logs)\b/.test(step))).not.toContainEqual(
          expect.stringMatching(/^SCAN/),
        );
      }
    }
  });
});

describe("system logs", () => {
  it.each([[null], ["debug"], ["warning"], ["error"]] as const)(
    "from level %s on come from an index, in order",
    (level) => {
      const read = (database: ReadableDatabase) => listSystemLogs(database, { level, text: "", limit: 10 });
      eachLedger(read, "FROM system_logs", (steps) => {
        expect(steps.join("\n")).toMatch(/system_logs USING (COVERING )?INDEX system_logs_by_(time|level)/);
        expect(steps.join("\n")).not.toMatch(WHOLE_TABLE);
      });
    },
  );
});

describe("statistics", () => {
  it("are sums of the hours' own keys", () => {
    for (const read of [
      (database: ReadableDatabase) => quickStats(database, { days: 30 }),
      (database: ReadableDatabase) => overview(database, { days: 30, utc_offset_minutes: 0 }),
    ]) {
      for (const database of [fresh, analyzed]) {
        const plans = plansOf(database, read);
        for (const { sql, steps } of plans.filter(({ sql }) => /FROM message_(counts|latencies)/.test(sql))) {
          expect(steps.join("\n"), sql).toMatch(/SEARCH message_(counts|latencies) USING PRIMARY KEY/);
        }
        expect(plans.filter(({ sql }) => sql.includes("FROM message_logs AS m WHERE"))).toEqual([]);
      }
    }
  });

  it("count the sessions of a period from their index", () => {
    eachLedger(
      (database) => quickStats(database, { days: 30 }),
      "count(*) FROM sessions",
      (steps) => {
        expect(steps).toEqual([
          expect.stringMatching(/^SEARCH sessions USING COVERING INDEX sessions_by_start/),
        ]);
      },
    );
  });
});

describe("following the ledger", () => {
  it("reads on from a position", () => {
    eachLedger(
      (database) => changesAfter(database, ROWS - 10),
      "FROM message_events",
      (steps) => {
        expect(steps).toEqual([
          "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)",
          "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)",
        ]);
      },
    );
  });

  it("asks for the last position without reading the history", () => {
    eachLedger(lastChange, "FROM message_events", (steps) => {
      expect(steps).toEqual(["SEARCH message_events"]);
    });
  });
});
