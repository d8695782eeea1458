import { describe, expect, it } from "vitest";
import { lifeSeconds, lifeSteps, loggedTs } from "../../src-renderer/pages/messages/life-steps.ts";
import type { MessageEvent } from "../../src-shared/contract/messages.ts";
import { formatTime } from "../../src-shared/time.ts";

const START = Date.UTC(2026, 2, 1);

function event(
  id: number,
  status: MessageEvent["status"],
  second: number,
  more: Partial<MessageEvent> = {},
): MessageEvent {
  const ts = formatTime(START + second * 1_000);
  return {
    event_id: id,
    status,
    ts,
    recorded_ts: ts,
    applied: true,
    external_id: null,
    error_message: null,
    ...more,
  };
}

describe("a message's life", () => {
  it("is in the order in which it happened, with the time between steps", () => {
    const steps = lifeSteps([event(1, "pending", 0), event(3, "delivered", 9), event(2, "sent", 2)]);
    expect(steps.map((step) => [step.event.status, step.afterSeconds])).toEqual([
      ["pending", null],
      ["sent", 2],
      ["delivered", 7],
    ]);
    expect(lifeSeconds(steps)).toBe(9);
  });

  it("does not count a late report that is only history", () => {
    const steps = lifeSteps([
      event(1, "pending", 0),
      event(2, "delivered", 10),
      event(3, "sent", 4, { applied: false, recorded_ts: formatTime(START + 304_000) }),
    ]);
    expect(steps.map((step) => step.afterSeconds)).toEqual([null, 4, 10]);
    expect(steps[1]?.reportedAfterSeconds).toBe(300);
    expect(lifeSeconds(steps)).toBe(10);
  });

  it("has no length with one step", () => {
    expect(lifeSeconds(lifeSteps([event(1, "pending", 0)]))).toBeNull();
  });

  it("came late all at once where it was imported: that is told once, not of each step", () => {
    const later = { recorded_ts: formatTime(START + 86_400_000) };
    const imported = [event(1, "pending", 0, later), event(2, "sent", 2, later)];
    expect(lifeSteps(imported).map((step) => step.reportedAfterSeconds)).toEqual([null, null]);
    expect(loggedTs(imported)).toBe(later.recorded_ts);
    expect(loggedTs(undefined)).toBeNull();
  });
});
