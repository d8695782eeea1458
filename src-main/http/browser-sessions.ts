import { createHash, createHmac } from "node:crypto";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../src-shared/time.ts";
import { randomSecret, secretsEqual, type TokenFile } from "../api/token-file.ts";

const TICKET_MS = 10 * MINUTE_MS;
const SESSION_MS = 30 * DAY_MS;

export const SESSION_SECONDS = SESSION_MS / SECOND_MS;

/** Secrets are looked up by their digest: how long that takes says nothing about a secret. */
function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/**
 * Values that open the UI: one-time tickets of printed links, and the session that each turns
 * into. A session is signed with the API token, so that it outlives a restart of the host and
 * ends when the token does.
 */
export class BrowserSessions {
  readonly #token: Pick<TokenFile, "current">;
  readonly #tickets = new Map<string, number>();

  constructor(token: Pick<TokenFile, "current">) {
    this.#token = token;
  }

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

  /** Printed links stem from a token that is no longer good. */
  endTickets(): void {
    this.#tickets.clear();
  }

  /** A value for the session cookie. */
  async begin(): Promise<string> {
    const claim = `${Date.now() + SESSION_MS}.${randomSecret()}`;
    return `${claim}.${await this.#sign(claim)}`;
  }

  async isOpen(session: string): Promise<boolean> {
    const end = session.lastIndexOf(".");
    const claim = session.slice(0, Math.max(0, end));
    const signature = session.slice(end + 1);
    return secretsEqual(signature, await this.#sign(claim)) && Number(claim.split(".")[0]) > Date.now();
  }

  async #sign(claim: string): Promise<string> {
    return createHmac("sha256", await this.#token.current())
      .update(`session ${claim}`)
      .digest("base64url");
  }
}
