import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BrowserSessions } from "../../src-main/http/browser-sessions.ts";
import { DAY_MS, MINUTE_MS } from "../../src-shared/time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a ticket works once, within ten minutes", () => {
  const sessions = new BrowserSessions();
  const ticket = sessions.issueTicket();
  expect(sessions.redeemTicket("something else")).toBe(false);
  expect(sessions.redeemTicket(ticket)).toBe(true);
  expect(sessions.redeemTicket(ticket)).toBe(false);

  const late = sessions.issueTicket();
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect(sessions.redeemTicket(late)).toBe(false);
});

test("a session stays open for its browser and for no other value", () => {
  const sessions = new BrowserSessions();
  const session = sessions.begin();
  expect(sessions.isOpen(session)).toBe(true);
  expect(sessions.isOpen(`${session}x`)).toBe(false);
  expect(sessions.isOpen("")).toBe(false);
  vi.advanceTimersByTime(31 * DAY_MS);
  expect(sessions.isOpen(session)).toBe(false);
});

test("keepOnly ends every other session and every ticket", () => {
  const sessions = new BrowserSessions();
  const [ticket, own, other] = [sessions.issueTicket(), sessions.begin(), sessions.begin()];
  sessions.keepOnly(own);
  expect(sessions.isOpen(own)).toBe(true);
  expect(sessions.isOpen(other)).toBe(false);
  expect(sessions.redeemTicket(ticket)).toBe(false);
});

test("their number is bounded: the oldest goes first", () => {
  const sessions = new BrowserSessions();
  const first = sessions.begin();
  const later = Array.from({ length: 100 }, () => sessions.begin());
  expect(sessions.isOpen(first)).toBe(false);
  expect(later.every((session) => sessions.isOpen(session))).toBe(true);
});
