import { isUtf8 } from "node:buffer";
import { type Body, readBody } from "../../src-shared/bodies/read-body.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { formatTime } from "../../src-shared/time.ts";
import { bodyUuid } from "../transfer/body-uuid.ts";

/** One message as it lay there. */
export type Taken = {
  /** By what it is named there; in a list, where nothing has a name, null. */
  id: string | null;
  body: Buffer;
  /** Why it is no message; null where it may be one. */
  problem: string | null;
};

/** What is kept aside of a message that can't be logged. */
export type DeadLetter = { reason: string; text: string };

type Read = { taken: Taken; record: Body["record"] };

/** Makes records of messages; those that are none are dead, with the reason. */
export function readBodies(source: string, taken: readonly Taken[]): { bodies: Read[]; dead: DeadLetter[] } {
  const bodies: Read[] = [];
  const dead: DeadLetter[] = [];
  for (const one of taken) {
    try {
      bodies.push({ taken: one, record: readOne(source, one) });
    } catch (error) {
      // Whatever it is: one message must not stop the rest.
      const reason = error instanceof WaybillError ? error.message : `It can't be read: ${error}`;
      dead.push(deadLetter(source, one, reason));
    }
  }
  return { bodies, dead };
}

export function deadLetter(source: string, { id, body }: Taken, reason: string): DeadLetter {
  const kept = isUtf8(body) ? { body: body.toString("utf8") } : { body_base64: body.toString("base64") };
  const letter = { reason, source, ...(id === null ? {} : { id }), ts: formatTime(Date.now()), ...kept };
  return { reason, text: JSON.stringify(letter) };
}

function readOne(source: string, { id, body, problem }: Taken): Body["record"] {
  if (problem !== null) throw new WaybillError("invalid", problem);
  if (!isUtf8(body)) throw new WaybillError("invalid", "It is not UTF-8 text.");
  let content: unknown;
  try {
    content = JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new WaybillError("invalid", `It is not JSON: ${(error as SyntaxError).message}`);
  }
  // Two messages of a stream with the same content are two; in a list the second may be the first, delivered again.
  const nameUuid = (name: string): string => bodyUuid(id === null ? name : `${name}\n${id}`);
  return readBody(source, content, nameUuid).record;
}
