import { z } from "zod";
import { MAX_PAGE } from "../../../src-shared/contract/messages.ts";
import { quoteValue } from "../../../src-shared/query/edit.ts";
import { tokenize } from "../../../src-shared/query/tokens.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { SECOND_MS } from "../../../src-shared/time.ts";
import type { Handlers } from "../../api/call-procedure.ts";
import type { HostContext, ZodApp } from "../host-context.ts";

const DEFAULT_TURNS = 50;
/** Where nothing leads to a user's turns they are looked for so long; the answer then says where to go on. */
const PATIENCE_MS = 5 * SECOND_MS;

const turnSchema = z.object({
  user_id: z.string(),
  message: z.string(),
  response: z.string(),
  timestamp: z.string(),
});

const historyQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_TURNS),
  cursor: z.string().max(1_024).optional(),
});

/** What a user said and was answered: a plain list, whose next page is in the header `Link`. */
export function chatHistoryRoute(app: ZodApp, { handlers }: HostContext): void {
  app.get(
    "/history/:user_id",
    {
      schema: {
        summary: "The chat of one user, newest first; the next page is in the header Link",
        tags: ["Chat"],
        params: z.object({ user_id: z.string().min(1).max(4_096) }),
        querystring: historyQuery,
        response: { 200: z.array(turnSchema) },
      },
    },
    async ({ params: { user_id }, query: { limit, cursor } }, reply) => {
      const { turns, next } = await turnsOf(handlers["messages.search"], user_id, limit, cursor);
      if (next !== null) {
        const page = new URLSearchParams({ limit: String(limit), cursor: next });
        reply.header("link", `</history/${encodeURIComponent(user_id)}?${page}>; rel="next"`);
      }
      return turns.map(toTurn);
    },
  );
}

type Search = Handlers["messages.search"];
type Turns = { turns: MessageRecord[]; next: string | null };

/** Before a cursor of the second way. */
const BY_USER = "user.";

/**
 * A turn's sender is its user or, where it was told, the user's e-mail address: the search index leads to the sender
 * in no time. Turns that have another id of the user besides are looked for where that found none at all.
 */
async function turnsOf(
  search: Search,
  user: string,
  limit: number,
  cursor: string | undefined,
): Promise<Turns> {
  const byUser = `channel:chat type:chat_turn user:${quoteValue(user)}`;
  if (cursor?.startsWith(BY_USER)) return viaUser(cursor.slice(BY_USER.length));
  if (tokenize(user).length === 0) return viaUser(cursor);
  const found = await collect(
    search,
    `channel:chat type:chat_turn from:${quoteValue(user)}`,
    user,
    limit,
    cursor,
  );
  return cursor === undefined && found.turns.length === 0 && found.next === null ? viaUser(undefined) : found;

  async function viaUser(from: string | undefined): Promise<Turns> {
    const { turns, next } = await collect(search, byUser, user, limit, from);
    return { turns, next: next === null ? null : BY_USER + next };
  }
}

/** As many as are wanted, from as many pages as that takes: some end early, and the words of an id are others' too. */
async function collect(
  search: Search,
  q: string,
  user: string,
  limit: number,
  cursor: string | undefined,
): Promise<Turns> {
  const until = performance.now() + PATIENCE_MS;
  const turns: MessageRecord[] = [];
  let next: string | null = cursor ?? null;
  do {
    const page = await search({ q, limit: limit - turns.length, cursor: next });
    turns.push(
      ...page.messages.filter(({ user_id, source_subject_id }) =>
        [user_id, source_subject_id].includes(user),
      ),
    );
    next = page.next_cursor;
  } while (next !== null && turns.length < limit && performance.now() < until);
  return { turns, next };
}

function toTurn({ user_id, origin_ts, message_data }: MessageRecord): z.infer<typeof turnSchema> {
  const { message, response } = message_data;
  return { user_id, message: asText(message), response: asText(response), timestamp: origin_ts };
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
