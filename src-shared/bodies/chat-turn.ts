import { WaybillError } from "../errors.ts";
import type { MessageInput } from "../record.ts";
import { formatTime } from "../time.ts";
import { type Fields, idOf, timeIn, without } from "./fields.ts";

/** What the user said and what was answered, by the names that three programs give them. */
const PAIRS = [
  ["message", "response"],
  ["user_message", "bot_response"],
  ["user_input", "bot_reply"],
] as const;

/** The later two are told besides the time of the turn, and stay in the metadata. */
const TIMES = ["timestamp", "requested_time", "created_at"];

export function isChatTurn(body: Fields): boolean {
  return pairOf(body) !== undefined;
}

/**
 * A user's message and the answer to it as one record. `now` stands in for a time that can't be read, which is then
 * kept as it came. Throws `invalid`.
 */
export function chatTurnRecord(body: Fields, now: number): MessageInput {
  const [said, answered] = pairOf(body) ?? PAIRS[0];
  const email = idOf(body.email);
  const bot = idOf(body.bot_id);
  // The Weather News Agent names its users so where it names them at all.
  const user = idOf(body.user_id) ?? (bot === undefined ? email : email && `${email}:${bot}`);
  if (user === undefined) throw new WaybillError("invalid", "user_id: is needed: a text or a number.");
  const time = timeIn(body, TIMES);
  const { memory, mem_id } = body;
  const read = ["user_id", said, answered, "memory", "mem_id", "message_uuid"];
  return {
    channel: "chat",
    message_type: "chat_turn",
    status: "delivered",
    user_id: user,
    source_subject_id: email ?? user,
    destination_subject_ids: bot === undefined ? [] : [bot],
    origin_ts: formatTime(time?.ms ?? now),
    content_preview: previewOf(body[said]),
    message_data: {
      message: body[said] ?? null,
      response: body[answered] ?? null,
      ...(isGiven(memory) ? { memory: fromJson(memory) } : {}),
      ...(isGiven(mem_id) ? { mem_id } : {}),
    },
    message_metadata: without(body, time?.name === "timestamp" ? [...read, "timestamp"] : read),
  };
}

function pairOf(body: Fields): (typeof PAIRS)[number] | undefined {
  return PAIRS.find(([said, answered]) => Object.hasOwn(body, said) && Object.hasOwn(body, answered));
}

function previewOf(said: unknown): string | null {
  return typeof said === "string" || typeof said === "number" ? String(said) : null;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** One version of the agent sends the memory as it is, the other as a text of JSON. */
function fromJson(memory: unknown): unknown {
  if (typeof memory !== "string") return memory;
  try {
    return JSON.parse(memory) as unknown;
  } catch {
    return memory;
  }
}
