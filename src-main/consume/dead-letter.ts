import type { Envelope } from "rabbitmq-client";
import type { DeadLetter } from "../../src-shared/contract/dead.ts";
import { newId } from "../../src-shared/new-id.ts";
import { formatTime } from "../../src-shared/time.ts";
import type { Delivery, Properties } from "./delivery.ts";

/** What a dead letter's headers say of it. They stay with it when it is retried, so that its deaths are counted. */
const HEADERS = {
  id: "x-waybill-id",
  reason: "x-waybill-reason",
  count: "x-waybill-count",
  queue: "x-waybill-queue",
  exchange: "x-waybill-exchange",
  routingKey: "x-waybill-routing-key",
  firstDeath: "x-waybill-first-death",
  lastDeath: "x-waybill-last-death",
} as const;

/** All headers go in one frame. */
const MAX_REASON = 1_000;

export function deadQueueOf(queue: string): string {
  return `${queue}.dead`;
}

/** How a message is put among the dead of its queue: as it came, with what is to be known of its death. */
export function deadEnvelope({ queue, properties }: Delivery, reason: string, now: number): Envelope {
  const { headers = {}, exchange, routingKey } = properties;
  return {
    ...carried(properties),
    headers: {
      ...plainHeaders(headers),
      [HEADERS.id]: textOf(headers[HEADERS.id]) ?? newId(),
      [HEADERS.reason]: reason.slice(0, MAX_REASON).toWellFormed(),
      [HEADERS.count]: countOf(headers[HEADERS.count]) + 1,
      [HEADERS.queue]: queue,
      // A retried one came by the default exchange; where it came from first is what matters.
      [HEADERS.exchange]: textOf(headers[HEADERS.exchange]) ?? exchange,
      [HEADERS.routingKey]: textOf(headers[HEADERS.routingKey]) ?? routingKey,
      [HEADERS.firstDeath]: textOf(headers[HEADERS.firstDeath]) ?? formatTime(now),
      [HEADERS.lastDeath]: formatTime(now),
    },
    routingKey: deadQueueOf(queue),
  };
}

/** How a dead letter goes back to its queue; to the one given where it does not tell which. */
export function revivedEnvelope(properties: Properties, queue: string): Envelope {
  const { headers = {} } = properties;
  const routingKey = textOf(headers[HEADERS.queue]) ?? queue;
  return { ...carried(properties), headers: plainHeaders(headers), routingKey };
}

export function describeDead(properties: Properties, bytes: number): DeadLetter {
  const { headers = {}, messageId, contentType } = properties;
  return {
    id: textOf(headers[HEADERS.id]),
    reason: textOf(headers[HEADERS.reason]),
    count: countOf(headers[HEADERS.count]),
    queue: textOf(headers[HEADERS.queue]),
    // The default exchange has no name.
    exchange: typeof headers[HEADERS.exchange] === "string" ? headers[HEADERS.exchange] : null,
    routing_key: textOf(headers[HEADERS.routingKey]),
    first_death_ts: textOf(headers[HEADERS.firstDeath]),
    last_death_ts: textOf(headers[HEADERS.lastDeath]),
    message_id: messageId ?? null,
    content_type: contentType ?? null,
    bytes,
  };
}

const CARRIED = [
  "contentType",
  "contentEncoding",
  "priority",
  "correlationId",
  "replyTo",
  "messageId",
  "timestamp",
  "type",
  "appId",
] as const satisfies readonly (keyof Properties & keyof Envelope)[];

/**
 * The properties that go on with a message. Not its time to live, which would let it vanish, nor the user it came from,
 * which the broker takes from that user alone.
 */
function carried(properties: Properties): Envelope {
  const given = CARRIED.map((name) => [name, properties[name]]).filter(([, value]) => value !== undefined);
  return { ...(Object.fromEntries(given) as Envelope), exchange: "", durable: true, mandatory: true };
}

/** Without those that would send it to other queues as well, and the broker's own count of this queue. */
function plainHeaders(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { CC: _cc, BCC: _bcc, "x-delivery-count": _count, ...rest } = headers;
  return rest;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function countOf(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}
