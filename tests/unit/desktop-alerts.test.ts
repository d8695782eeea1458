import { describe, expect, test } from "vitest";
import {
  ALERT_KINDS,
  type Alert,
  AlertThrottle,
  alertsOf,
  isWanted,
  type Situation,
} from "../../src-main/desktop/rules/alerts.ts";
import type { SinkState, SinkStatus } from "../../src-shared/contract/sync.ts";
import { preferencesSchema } from "../../src-shared/desktop-bridge.ts";
import { HOUR_MS, MINUTE_MS } from "../../src-shared/time.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");

function sink(state: SinkState, sinceMs: number): SinkStatus {
  const counts = { accepted: 0, delivered: 0, pending: 0, parked: 0, removed: 0 };
  return {
    sink: "rabbitmq",
    state,
    message: "The broker refuses the connection.",
    since_ts: new Date(NOW - sinceMs).toISOString(),
    target: null,
    counts: { ...counts, balanced: true } as unknown as SinkStatus["counts"],
    sessions: null,
    resending: 0,
    rate_per_second: 0,
    oldest_pending_ts: null,
    done_by_ts: null,
    last_delivered_ts: null,
    last_error: null,
    next_try_ts: null,
    is_behind: false,
  };
}

function situation(changes: Partial<Situation> = {}): Situation {
  return {
    sync: { sinks: [], queues: { available: false, message: "", queues: [] } },
    health: { checks: {} },
    recent: { total: 0, failed: 0 },
    failurePercent: 20,
    now: NOW,
    ...changes,
  };
}

const withSinks = (...sinks: SinkStatus[]) =>
  situation({ sync: { sinks, queues: { available: false, message: "", queues: [] } } });
const kinds = (alerts: readonly Alert[]) => alerts.map(({ kind }) => kind);

describe("what is worth an alert", () => {
  test("nothing while all is well", () => {
    expect(alertsOf(situation())).toEqual([]);
    expect(alertsOf(withSinks(sink("up_to_date", HOUR_MS), sink("off", HOUR_MS)))).toEqual([]);
  });
  test("a sink that is out of reach for a minute", () => {
    expect(alertsOf(withSinks(sink("retrying", MINUTE_MS - 1)))).toEqual([]);
    expect(alertsOf(withSinks(sink("retrying", MINUTE_MS)))).toMatchObject([
      { kind: "sink-down", title: "RabbitMQ can't be reached", route: "/sync" },
    ]);
  });
  test("a disk that is low", () => {
    const check = { message: "3 % is free.", value: 3, unit: "percent" as const };
    expect(alertsOf(situation({ health: { checks: { disk: { state: "ok", ...check } } } }))).toEqual([]);
    expect(
      alertsOf(situation({ health: { checks: { disk: { state: "warning", ...check } } } })),
    ).toMatchObject([{ kind: "disk-low", body: "3 % is free." }]);
  });
  test("a failure rate over the threshold, of enough messages", () => {
    expect(alertsOf(situation({ recent: { total: 19, failed: 19 } }))).toEqual([]);
    expect(alertsOf(situation({ recent: { total: 100, failed: 20 } }))).toEqual([]);
    expect(alertsOf(situation({ recent: { total: 100, failed: 21 } }))).toMatchObject([
      { kind: "failure-rate", title: "21 % of the messages of the last hour failed" },
    ]);
  });
});

test("each kind can be switched off for itself", () => {
  const wanted = (changes: object) =>
    ALERT_KINDS.filter((kind) => isWanted({ kind }, preferencesSchema.parse(changes)));
  expect(wanted({})).toEqual(ALERT_KINDS);
  expect(wanted({ notify_sink_down: false })).toEqual(["disk-low", "failure-rate"]);
  expect(wanted({ notify_disk_low: false })).toEqual(["sink-down", "failure-rate"]);
  expect(wanted({ notify_failure_rate: false })).toEqual(["sink-down", "disk-low"]);
});

describe("how often it is told", () => {
  const disk: Alert = { kind: "disk-low", title: "", body: "", route: "/health" };
  const down: Alert = { kind: "sink-down", title: "", body: "", route: "/sync" };
  test("once while it lasts", () => {
    const throttle = new AlertThrottle();
    expect(kinds(throttle.due([disk], 0))).toEqual(["disk-low"]);
    expect(throttle.due([disk], 2 * HOUR_MS)).toEqual([]);
  });
  test("at most once an hour when it comes and goes, each kind for itself", () => {
    const throttle = new AlertThrottle();
    expect(kinds(throttle.due([down], 0))).toEqual(["sink-down"]);
    expect(throttle.due([], 1)).toEqual([]);
    expect(kinds(throttle.due([down, disk], 2))).toEqual(["disk-low"]);
    // Held back, not forgotten.
    expect(kinds(throttle.due([down, disk], HOUR_MS))).toEqual(["sink-down"]);
    expect(throttle.due([down, disk], 3 * HOUR_MS)).toEqual([]);
  });
});
