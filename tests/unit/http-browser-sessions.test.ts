import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BrowserSessions } from "../../src-main/http/browser-sessions.ts";
import { DAY_MS, MINUTE_MS } from "../../src-shared/time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const tokenOf = (token: string) => ({ current: async () => token });

test("a ticket works once, within ten minutes", () => {
  const sessions = new BrowserSessions(tokenOf("secret"));
  const ticket = sessions.issueTicket();
  expect(sessions.redeemTicket("something else")).toBe(false);
  expect(sessions.redeemTicket(ticket)).toBe(true);
  expect(sessions.redeemTicket(ticket)).toBe(false);

  const late = sessions.issueTicket();
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect(sessions.redeemTicket(late)).toBe(false);
});

test("a session stays open for its browser, for 30 days and for no other value", async () => {
  const sessions = new BrowserSessions(tokenOf("secret"));
  const session = await sessions.begin();
  expect(await sessions.isOpen(session)).toBe(true);
  expect(await sessions.isOpen(`${session}x`)).toBe(false);
  expect(await sessions.isOpen(`9${session}`)).toBe(false);
  expect(await sessions.isOpen("")).toBe(false);
  vi.advanceTimersByTime(31 * DAY_MS);
  expect(await sessions.isOpen(session)).toBe(false);
});

test("a session outlives the host that began it, and ends with the token", async () => {
  const session = await new BrowserSessions(tokenOf("secret")).begin();
  expect(await new BrowserSessions(tokenOf("secret")).isOpen(session)).toBe(true);
  expect(await new BrowserSessions(tokenOf("another")).isOpen(session)).toBe(false);
});

test("endTickets makes every printed link useless", () => {
  const sessions = new BrowserSessions(tokenOf("secret"));
  const ticket = sessions.issueTicket();
  sessions.endTickets();
  expect(sessions.redeemTicket(ticket)).toBe(false);
});
