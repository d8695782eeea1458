import { STATUSES } from "../../src-shared/status.ts";
import { HOUR_MS } from "../../src-shared/time.ts";
import { STAGES, type Tally } from "../ledger/tally.ts";
import { storableText } from "../sync/supabase/storable.ts";
import { compare, timeText } from "./write-rows.ts";

/** What `message_counts` has, but for counts by hour and channel, which are `message_hours`. */
export type CountDimension = "template" | "domain" | "sent" | "delivered";

/** A row of `waybill.uncounted`: its arrays belong together, one count each. */
type UncountedRow = {
  dimension: CountDimension;
  hours: number[];
  keys: string[];
  statuses: string[];
  messages: number[];
};

/** An entry of a b-tree has at most 2704 bytes, and a character up to four: this is one of its columns. */
const MAX_CHANNEL = 250;
export const MAX_KEY = 500;

/** What a batch adds to `message_hours`, in the order in which all workers do; null where nothing changes. */
export function hoursJson(tally: Tally): string | null {
  const rows = new Map<string, { hour: string; channel: string; status: string; messages: number }>();
  for (const [slot, { channel: channels }] of tally.hours) {
    const hour = timeText(slot * HOUR_MS);
    for (const [name, counts] of channels) {
      const channel = storableText(name.slice(0, MAX_CHANNEL));
      for (const [code, messages] of counts.entries()) {
        const status = STATUSES[code];
        if (messages === 0 || status === undefined) continue;
        // Two channels may be one in their beginnings.
        const key = `${hour} ${status} ${channel}`;
        const known = rows.get(key);
        if (known === undefined) rows.set(key, { hour, channel, status, messages });
        else known.messages += messages;
      }
    }
  }
  if (rows.size === 0) return null;
  return JSON.stringify([...rows].sort(([a], [b]) => compare(a, b)).map(([, row]) => row));
}

/** What a batch adds to `message_counts`, as rows of `waybill.uncounted`; null where nothing changes. */
export function uncountedJson(tally: Tally): string | null {
  const template = emptyRow("template");
  const domain = emptyRow("domain");
  const stages = { sent: emptyRow("sent"), delivered: emptyRow("delivered") };
  for (const [hour, { template: templates, domain: domains, latencies }] of tally.hours) {
    for (const [row, byKey] of [
      [template, templates],
      [domain, domains],
    ] as const) {
      for (const [key, counts] of byKey) {
        const name = storableText(cut(key));
        for (const [code, messages] of counts.entries()) add(row, hour, name, STATUSES[code] ?? "", messages);
      }
    }
    for (const stage of STAGES)
      for (const [bin, messages] of latencies[stage]) add(stages[stage], hour, String(bin), "", messages);
  }
  const rows = [template, domain, stages.sent, stages.delivered].filter(({ hours }) => hours.length > 0);
  return rows.length === 0 ? null : JSON.stringify(rows);
}

function emptyRow(dimension: CountDimension): UncountedRow {
  return { dimension, hours: [], keys: [], statuses: [], messages: [] };
}

function add(row: UncountedRow, hour: number, key: string, status: string, messages: number): void {
  if (messages === 0) return;
  row.hours.push(hour);
  row.keys.push(key);
  row.statuses.push(status);
  row.messages.push(messages);
}

/** Characters as PostgreSQL's `left` counts them. */
function cut(key: string): string {
  return key.length <= MAX_KEY ? key : [...key].slice(0, MAX_KEY).join("");
}
