import { type BenchRecord, makeRecord, type Shape } from "./data/records.ts";

/** A filter as an operator would write it; what it looks for comes from a record of the ledger, another each round. */
export type Filter = { label: string; q: (sample: BenchRecord) => string };

/** A record that a filter may look for. It is another one each round, from all over the ledger. */
export function sampleFor(
  shape: Shape,
  round: number,
  isGood: (record: BenchRecord) => boolean,
): BenchRecord {
  const start = Math.floor(((round * 0.6180339887) % 1) * shape.records);
  for (let offset = 0; offset < shape.records; offset += 1) {
    const { record } = makeRecord(shape, (start + offset) % shape.records);
    if (isGood(record)) return record;
  }
  throw new Error("No record will do for a sample");
}

export function isSample({ channel, session_id, external_id, template_id }: BenchRecord): boolean {
  return channel === "email" && Boolean(session_id) && Boolean(external_id) && Boolean(template_id);
}

const recipient = ({ destination_subject_ids }: BenchRecord): string =>
  String(destination_subject_ids).toString();
const domain = (sample: BenchRecord): string => recipient(sample).split("@")[1] ?? "";
const order = ({ message_data }: BenchRecord): string => String((message_data as { order: number }).order);

function filter(q: string | ((sample: BenchRecord) => string), label?: string): Filter {
  return typeof q === "string" ? { label: label ?? (q || "(all)"), q: () => q } : { label: label ?? "", q };
}

/** Each field of the query language: common, rare and absent values, alone and together. */
export const FILTERS: readonly Filter[] = [
  filter(""),
  filter("status:delivered"),
  filter("status:failed"),
  filter("status:pending"),
  filter("status:sending", "status:sending (absent)"),
  filter("status:success"),
  filter("channel:email"),
  filter("channel:push"),
  filter("channel:fax", "channel:fax (absent)"),
  filter("template:newsletter"),
  filter("template:hassou-annai"),
  filter("template:order*"),
  filter("template:none-such", "template:none-such (absent)"),
  filter("topic:orders"),
  filter("type:campaign"),
  filter("user:shop"),
  filter("user:operator-3"),
  filter("user:nobody", "user:nobody (absent)"),
  filter(({ session_id }) => `session:${session_id}`, "session:ID"),
  filter("session:none", "session:none (absent)"),
  filter(({ message_uuid }) => `uuid:${message_uuid}`, "uuid:UUID"),
  filter(({ message_uuid }) => `uuid:${message_uuid.slice(0, 8)}*`, "uuid:PREFIX*"),
  filter(({ external_id }) => `external:${external_id}`, "external:ID"),
  filter("external:SMnone", "external:SMnone (absent)"),
  filter((sample) => `to:${recipient(sample)}`, "to:ADDRESS"),
  filter((sample) => `to:${domain(sample)}`, "to:DOMAIN"),
  filter("to:nobody@nowhere.example", "to:ADDRESS (absent)"),
  filter("from:billing"),
  filter("has:error"),
  filter("-has:session"),
  filter("has:read"),
  filter('error:"timed out"'),
  filter("error:quota"),
  filter("error:martian", "error:martian (absent)"),
  filter("latency>5s"),
  filter("latency>2m"),
  filter("latency<50ms"),
  filter("after:2d"),
  filter("before:45d"),
  filter("after:40d before:35d"),
  filter((sample) => `data.order:${order(sample)}`, "data.order:NUMBER"),
  filter("data.currency:CHF"),
  filter("data.currency:USD", "data.currency:USD (absent)"),
  filter("meta.host:web-7"),
  filter("status:failed channel:sms"),
  filter("status:failed template:survey after:30d before:20d"),
  filter("channel:sms,whatsapp status:read -template:newsletter"),
  filter("-status:success"),
  filter("status:failed OR status:cancelled"),
  filter((sample) => `to:${recipient(sample)} status:failed`, "to:ADDRESS status:failed"),
  filter(({ session_id }) => `session:${session_id} has:error`, "session:ID has:error"),
  filter("status:cancelled has:read", "status:cancelled has:read (absent)"),
  filter("channel:push error:absent*", "channel:push error:absent* (rare)"),
];

export const TEXTS: readonly Filter[] = [
  filter("order"),
  filter("shipped parcel"),
  filter('"has been shipped"'),
  filter('"garden chairs to coffee makers"'),
  filter((sample) => order(sample), "NUMBER (rare)"),
  filter("zeppelin", "zeppelin (absent)"),
  filter('"shipped newsletter"', '"shipped newsletter" (absent phrase)'),
  filter("deliv*"),
  filter("a*"),
  filter("verspätet"),
  filter("発送"),
  filter("invoice -declined"),
  filter("voucher OR tour"),
  filter("invoice status:failed"),
  filter("code channel:sms after:10d"),
  filter((sample) => `shipped to:${recipient(sample)}`, "shipped to:ADDRESS"),
];
