import { createHash } from "node:crypto";
import { DAY_MS, MINUTE_MS } from "../../src-shared/time.ts";
import { randomSecret } from "../api/token-file.ts";

const TICKET_MS = 10 * MINUTE_MS;
const SESSION_MS = 30 * DAY_MS;
const MAX_SESSIONS = 100;

/** Secrets are looked up by their digest: how long that takes says nothing about a secret. */
function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** Values that open the UI: one-time tickets of printed links, and the session that each turns into. */
export class BrowserSessions {
  readonly #tickets = new Map<string, number>();
  readonly #sessions = new Map<string, number>();

  /** For a link that works once, within ten minutes. */
  issueTicket(): string {
    const ticket = randomSecret();
    this.#tickets.set(digest(ticket), Date.now() + TICKET_MS);
    return ticket;
  }

  /** Whether the ticket was good; it is not any more. */
  redeemTicket(ticket: string): boolean {
    const key = digest(ticket);
    const expires = this.#tickets.get(key);
    this.#tickets.delete(key);
    return expires !== undefined && expires > Date.now();
  }

  /** A value for the session cookie. It ends with this process. */
  begin(): string {
    const session = randomSecret();
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    this.#sessions.set(digest(session), Date.now() + SESSION_MS);
    return session;
  }

  isOpen(session: string): boolean {
    const expires = this.#sessions.get(digest(session));
    return expires !== undefined && expires > Date.now();
  }

  /** Ends every ticket and every session but the given one: the token that they stem from is no longer good. */
  keepOnly(session: string | null): void {
    const kept = session === null ? undefined : digest(session);
    this.#tickets.clear();
    for (const key of [...this.#sessions.keys()]) {
      if (key !== kept) this.#sessions.delete(key);
    }
  }
}
