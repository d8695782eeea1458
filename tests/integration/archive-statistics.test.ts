import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HostStore } from "../../src-main/api/store.ts";
import type { StoredMessage } from "../../src-shared/record.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../src-shared/time.ts";
import { cleanUpAtEnd } from "../support/ledger.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { archiveOf, ledgerOf, type OpenArchive } from "../support/two-stores.ts";
import { message } from "../unit/query-fixtures.ts";

cleanUpAtEnd();

const START = Date.UTC(2026, 0, 5);
const ERRORS = [
  "Connection to 10.0.0.7:587 timed out",
  "Connection to 10.0.0.9:25 timed out",
  '550 5.1.1 "anna@mail.example" is unknown',
  "no route to host",
];
/** From below a millisecond to days, and of a clock that went wrong. */
const LATENCIES = [0, 1, 2, 15, 16, 17, 31, 32, 33, 900, 1_000, 65_536, HOUR_MS, 3 * DAY_MS, -5_000];

const rows: StoredMessage[] = Array.from({ length: 3_000 }, (_, index) => {
  const status = STATUSES[(index * 13) % STATUSES.length] ?? "pending";
  const origin_ts = START + ((index * 104_729) % (20 * 24 * 3_600)) * SECOND_MS;
  const after = (step: number): number => origin_ts + (LATENCIES[(index * step) % LATENCIES.length] ?? 0);
  return message({
    message_uuid: `0198c0de-7000-7000-8000-${String(index).padStart(12, "0")}`,
    session_id: index % 5 === 0 ? null : `s${index % 7}`,
    channel: ["email", "sms", "whatsapp"][index % 3] ?? "",
    status,
    origin_ts,
    sent_ts: index % 4 === 0 ? null : after(7),
    delivered_ts: index % 3 === 0 ? after(11) : null,
    template_id: index % 2 === 0 ? `t${index % 4}` : null,
    template_name: index % 8 === 0 ? "Welcome" : null,
    error_message: status === "failed" ? (ERRORS[index % ERRORS.length] ?? null) : null,
    destination_subject_ids: JSON.stringify(
      [
        `p${index % 11}@Mail.example`,
        `q@mail.example`,
        "+49 1",
        index % 6 === 0 ? "x@sub.b.example" : "@",
      ].slice(index % 3),
    ),
  });
});

/** In groups, as campaigns go out: each reason is first met with its earliest message. */
const inOrder = [...rows].sort((a, b) => a.origin_ts - b.origin_ts);

describe.skipIf(!hasPostgres)("the ledger and the archive", () => {
  let postgres: Postgres;
  let ledger: HostStore;
  let archive: HostStore;
  let opened: OpenArchive;
  beforeAll(async () => {
    postgres = await startPostgres();
    opened = await archiveOf(postgres, inOrder);
    // Half of what is counted is added up, and half is not yet.
    expect(await opened.sum(12)).toBe(12);
    archive = opened.store;
    ledger = await ledgerOf(inOrder);
  });
  afterAll(() => postgres?.stop());

  const PERIODS = [
    {},
    { from: "2026-01-10T05:00:00Z", to: "2026-01-15T17:00:00Z" },
    { from: "2026-01-10", to: "2026-01-11" },
    { from: "2026-01-01", to: "2026-02-01" },
    { from: "2030-01-01", to: "2030-01-02" },
  ];

  test("have the same quick figures", async () => {
    for (const days of [1, 30, 36_500]) {
      const input = { days };
      expect(await archive.read("stats.quick", input)).toEqual(await ledger.read("stats.quick", input));
    }
  });

  test.each(PERIODS)("have the same overview of %j", async (period) => {
    for (const utc_offset_minutes of [0, 345, -480]) {
      const input = { ...period, utc_offset_minutes };
      const [ours, theirs] = await Promise.all([
        archive.read("stats.overview", input),
        ledger.read("stats.overview", input),
      ]);
      // Reasons are known by their first messages, which a period may leave out.
      expect({ ...ours, failures: ours.failures.map(counted), sessions: numbers(ours) }).toEqual({
        ...theirs,
        failures: theirs.failures.map(counted),
        sessions: numbers(theirs),
      });
    }
  });

  test.each(PERIODS)("have the same report of %j", async (period) => {
    const [ours, theirs] = await Promise.all([
      archive.read("stats.report", period),
      ledger.read("stats.report", period),
    ]);
    expect({ ...ours, generated_ts: "", top_errors: ours.top_errors.map(counted) }).toEqual({
      ...theirs,
      generated_ts: "",
      top_errors: theirs.top_errors.map(counted),
    });
  });

  test("have the same reasons for failures", async () => {
    for (const text of ["", "TIMED OUT", "nothing"]) {
      const input = { text, limit: 50 };
      const [ours, theirs] = await Promise.all([
        archive.read("stats.fingerprints", input),
        ledger.read("stats.fingerprints", input),
      ]);
      const plain = ({ fingerprints, bucket_seconds: _, ...rest }: typeof ours) => ({
        ...rest,
        // How finely a course is drawn is each store's own.
        fingerprints: fingerprints.map(({ trend, first_seen_ts: _1, last_seen_ts: _2, ...each }) => ({
          ...each,
          trend: trend.reduce((sum, count) => sum + count, 0),
        })),
      });
      expect(plain(ours)).toEqual(plain(theirs));
    }
  });

  test("have the same sessions, and who did not get theirs", async () => {
    const [ours, theirs] = await Promise.all([
      archive.read("sessions.list", { text: "", limit: 3 }),
      ledger.read("sessions.list", { text: "", limit: 3 }),
    ]);
    expect(numbers(ours)).toEqual(numbers(theirs));
    const next = await archive.read("sessions.list", { text: "", limit: 100, cursor: ours.next_cursor });
    expect([...ours.sessions, ...next.sessions].map(({ session_id }) => session_id)).toEqual(
      (await ledger.read("sessions.list", { text: "", limit: 100 })).sessions.map(
        ({ session_id }) => session_id,
      ),
    );
    for (const session_id of ["s1", "s3"]) {
      const [own, other] = await Promise.all([
        archive.read("sessions.get", { session_id }),
        ledger.read("sessions.get", { session_id }),
      ]);
      expect({ ...own, session: numbersOf(own.session) }).toEqual({
        ...other,
        session: numbersOf(other.session),
      });
    }
    const missing = { session_id: "gone" };
    await expect(archive.read("sessions.get", missing)).rejects.toMatchObject({ code: "not_found" });
  });

  test("tell the same recipients without a success, page by page", async () => {
    const session = "alone";
    const lonely = Array.from({ length: 9 }, (_, index) =>
      message({
        message_uuid: `0198c0df-7000-7000-8000-00000000000${index}`,
        session_id: session,
        status: index === 0 ? "sent" : "failed",
        origin_ts: START + index,
        error_message: index === 0 ? null : `no route to ${index}`,
        destination_subject_ids: JSON.stringify([`r${index % 4}`, ...(index === 0 ? [] : ["\u00c4", "z"])]),
      }),
    );
    const here = await ledgerOf(lonely);
    await opened.write(lonely);
    for (const store of [here, archive]) {
      const first = await store.read("sessions.undelivered", { session_id: session, limit: 2 });
      const cursor = first.next_cursor;
      const rest = await store.read("sessions.undelivered", { session_id: session, limit: 10, cursor });
      expect(first.recipients[0]).toEqual({
        recipient: "r1",
        attempts: 2,
        message_uuid: lonely[5]?.message_uuid,
        status: "failed",
        error_message: "no route to 5",
        last_ts: new Date(START + 5).toISOString(),
      });
      expect(
        [...first.recipients, ...rest.recipients].map(({ recipient, attempts }) => [recipient, attempts]),
      ).toEqual([
        ["r1", 2],
        ["r2", 2],
        ["r3", 2],
        ["z", 8],
        ["\u00c4", 8],
      ]);
    }
  });

  test("offer the same words while a query is typed", async () => {
    const [ours, theirs] = await Promise.all([
      archive.read("messages.vocabulary", {}),
      ledger.read("messages.vocabulary", {}),
    ]);
    for (const list of ["channels", "templates", "topics", "types"] as const)
      expect(new Set(ours[list].filter((word) => word !== "event"))).toEqual(new Set(theirs[list]));
  });

  test.each([
    { format: "csv", what: "report" },
    { format: "json", what: "messages", filter: "status:failed" },
    { format: "csv", what: "messages", days: 20_000 },
    { format: "csv", what: "undelivered", session_id: "s1" },
  ] as const)("export the same: %j", async (input) => {
    const period = input.what === "report" ? { from: "2026-01-01", to: "2026-02-01" } : {};
    const filter =
      input.what === "messages" ? { filter: `${"filter" in input ? input.filter : ""} -session:alone` } : {};
    const [ours, theirs] = await Promise.all([
      archive.exportData({ ...input, ...period, ...filter }),
      ledger.exportData({ ...input, ...period, ...filter }),
    ]);
    expect(input.what === "report" ? (ours.text ?? "").length > 0 : ours.text).toEqual(
      input.what === "report" ? true : theirs.text,
    );
    expect(ours.rows).toBeGreaterThan(0);
  });
});

type Counted = { id: number; template: string; count: number };

function counted({ id, template, count }: Counted): Counted {
  return { id, template, count };
}

type Numbered = Parameters<typeof numbersOf>[0];

function numbers({ sessions }: { sessions: readonly Numbered[] }) {
  return sessions.map(numbersOf);
}

/** A session that no one began is begun by its messages, in each store by the first that it sees. */
function numbersOf({
  session_id,
  total,
  successful,
  failed,
  pending,
  cancelled,
  success_rate,
  average_send_seconds,
  errors,
}: {
  session_id: string;
  total: number;
  successful: number;
  failed: number;
  pending: number;
  cancelled: number;
  success_rate: number;
  average_send_seconds: number | null;
  errors: readonly { text: string; count: number }[];
}) {
  return {
    session_id,
    total,
    successful,
    failed,
    pending,
    cancelled,
    success_rate,
    average_send_seconds,
    errors,
  };
}
