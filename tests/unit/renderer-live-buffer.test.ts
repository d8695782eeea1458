import { describe, expect, it } from "vitest";
import {
  EMPTY_LIVE_BUFFER,
  hasGap,
  MAX_LIVE_ROWS,
  receive,
  release,
  waiting,
} from "../../src-renderer/pages/messages/live-buffer.ts";
import { type MessageRecord, normalizeMessage, toRecord } from "../../src-shared/record.ts";

const NOW = Date.UTC(2026, 2, 1);

function message(number: number, fields: Partial<MessageRecord> = {}): MessageRecord {
  const uuid = `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;
  const normalized = normalizeMessage({ message_uuid: uuid, ...fields }, NOW + number);
  if (!normalized.ok) throw new Error(normalized.error);
  return toRecord(normalized.message);
}

const messages = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => message(from + index));
const atTop = { atTop: true, inSnapshot: () => false };
const away = { atTop: false, inSnapshot: () => false };
const numbers = (rows: readonly MessageRecord[]) => rows.map((row) => Number(row.message_uuid.slice(-12)));

describe("at the top of the table", () => {
  it("puts new messages on top, newest first", () => {
    const first = receive(EMPTY_LIVE_BUFFER, { ...atTop, messages: messages(1, 3) });
    const second = receive(first, { ...atTop, messages: messages(3, 5) });
    expect(numbers(second.rows)).toEqual([4, 3, 2, 1]);
    expect(waiting(second)).toBe(0);
  });

  it("updates a row in place, and never to a lower revision", () => {
    const buffer = receive(EMPTY_LIVE_BUFFER, { ...atTop, messages: messages(1, 3) });
    const sent = receive(buffer, { ...atTop, messages: [message(1, { status: "sent", revision: 2 })] });
    expect(numbers(sent.rows)).toEqual([2, 1]);
    expect(sent.rows[1]?.status).toBe("sent");
    expect(receive(sent, { ...atTop, messages: [message(1)] }).rows[1]?.status).toBe("sent");
  });

  it("keeps the changes of snapshot rows beside them", () => {
    const changed = message(7, { status: "delivered", revision: 3 });
    const buffer = receive(EMPTY_LIVE_BUFFER, { ...atTop, inSnapshot: () => true, messages: [changed] });
    expect(buffer.rows).toEqual([]);
    expect(buffer.changed.get(changed.message_uuid)?.status).toBe("delivered");
  });
});

describe("scrolled away", () => {
  it("lets new messages wait and says how many", () => {
    const shown = receive(EMPTY_LIVE_BUFFER, { ...atTop, messages: messages(1, 3) });
    const buffer = receive(shown, { ...away, messages: messages(3, 6) });
    expect(numbers(buffer.rows)).toEqual([2, 1]);
    expect(waiting(buffer)).toBe(3);
    expect(numbers(release(buffer).rows)).toEqual([5, 4, 3, 2, 1]);
    expect(waiting(release(buffer))).toBe(0);
  });

  it("keeps the order when the table is back at its top before they are shown", () => {
    const buffer = receive(receive(EMPTY_LIVE_BUFFER, { ...away, messages: messages(1, 3) }), {
      ...atTop,
      messages: messages(3, 4),
    });
    expect(numbers(release(buffer).rows)).toEqual([3, 2, 1]);
  });
});

describe("more than it holds", () => {
  it("drops the oldest at the top and says that there is a gap", () => {
    const buffer = receive(EMPTY_LIVE_BUFFER, { ...atTop, messages: messages(1, MAX_LIVE_ROWS + 11) });
    expect(buffer.rows).toHaveLength(MAX_LIVE_ROWS);
    expect(numbers(buffer.rows)[0]).toBe(MAX_LIVE_ROWS + 10);
    expect(hasGap(buffer)).toBe(true);
  });

  it("keeps counting what waits, and never moves the rows that are read", () => {
    const shown = receive(EMPTY_LIVE_BUFFER, { ...atTop, messages: messages(1, 401) });
    const buffer = receive(shown, { ...away, messages: messages(401, 901) });
    expect(buffer.rows).toEqual(shown.rows);
    expect(buffer.held).toHaveLength(MAX_LIVE_ROWS - 400);
    expect(waiting(buffer)).toBe(500);
    expect(hasGap(buffer)).toBe(true);
  });
});
