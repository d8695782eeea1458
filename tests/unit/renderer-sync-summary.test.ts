import { describe, expect, test } from "vitest";
import { syncSummary } from "../../src-renderer/shell/sync-summary.ts";
import type { SinkStatus } from "../../src-shared/contract/sync.ts";
import type { SinkCounts, SinkName } from "../../src-shared/contract/sync-counts.ts";

const COUNTS: SinkCounts = { accepted: 9, delivered: 9, pending: 0, parked: 0, removed: 0, balanced: true };

function status(sink: SinkName, fields: Partial<SinkStatus> = {}): SinkStatus {
  return {
    sink,
    state: "up_to_date",
    message: "Everything has arrived.",
    since_ts: null,
    target: null,
    counts: COUNTS,
    sessions: null,
    resending: 0,
    rate_per_second: 0,
    oldest_pending_ts: null,
    done_by_ts: null,
    last_delivered_ts: null,
    last_error: null,
    next_try_ts: null,
    is_behind: false,
    ...fields,
  };
}

const waiting = (pending: number): SinkCounts => ({ ...COUNTS, accepted: 9 + pending, pending });

describe("syncSummary", () => {
  test("is nothing where nothing is forwarded", () => {
    expect(syncSummary([status("rabbitmq", { state: "off" }), status("supabase", { state: "off" })])).toBe(
      null,
    );
  });

  test("is quiet while all is well", () => {
    const off = status("supabase", { state: "off" });
    expect(syncSummary([status("rabbitmq"), off])).toMatchObject({
      tone: "success",
      text: "Forwarding: up to date",
    });
    const busy = status("rabbitmq", { state: "delivering", counts: waiting(1_200) });
    expect(syncSummary([busy, off])).toMatchObject({
      tone: "neutral",
      text: "Forwarding: 1,200 waiting",
    });
  });

  test("names the sink in trouble and what waits for it, the gravest first", () => {
    const lost = status("rabbitmq", { state: "retrying", counts: waiting(1_234) });
    expect(syncSummary([lost, status("supabase")])).toMatchObject({
      tone: "warning",
      text: "RabbitMQ is out of reach, 1,234 waiting",
    });
    expect(syncSummary([lost, status("supabase", { state: "stopped" })])).toMatchObject({
      tone: "danger",
      text: "Supabase needs you",
    });
    expect(syncSummary([status("rabbitmq", { state: "paused" })])?.text).toBe("RabbitMQ is paused");
  });

  test("tells what is parked, behind, or does not add up, also of a sink that goes on", () => {
    const parked = { ...COUNTS, delivered: 7, parked: 2 };
    const sessions = { ...COUNTS, delivered: 8, parked: 1 };
    expect(syncSummary([status("rabbitmq"), status("supabase", { counts: parked, sessions })])?.text).toBe(
      "Forwarding: 3 parked",
    );
    expect(syncSummary([status("rabbitmq", { is_behind: true, counts: waiting(200_000) })])).toMatchObject({
      tone: "warning",
      text: "RabbitMQ is behind, 200,000 waiting",
    });
    const wrong = { ...COUNTS, balanced: false };
    expect(syncSummary([status("supabase", { counts: wrong })])).toMatchObject({
      tone: "danger",
      text: "Supabase does not add up",
    });
  });
});
