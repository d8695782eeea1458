import { compileMatcher } from "../../src-shared/query/match.ts";
import type { MessageRecord, StoredMessage } from "../../src-shared/record.ts";
import { requireQuery } from "../ledger/reader/messages.ts";

/** What a query says of one record. Throws `invalid` with the place of the mistake in the details. */
export function requireMatcher(q: string): (record: MessageRecord) => boolean {
  const query = requireQuery(q);
  if (query === null) return () => true;
  const matches = compileMatcher(query);
  return (record) => matches(toStored(record));
}

function ms(time: string): number;
function ms(time: string | null): number | null;
function ms(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

/** The reverse of `toRecord`. */
function toStored(record: MessageRecord): StoredMessage {
  return {
    ...record,
    origin_ts: ms(record.origin_ts),
    sent_ts: ms(record.sent_ts),
    delivered_ts: ms(record.delivered_ts),
    read_ts: ms(record.read_ts),
    ack_ts: ms(record.ack_ts),
    destination_subject_ids: JSON.stringify(record.destination_subject_ids),
    message_data: JSON.stringify(record.message_data),
    message_metadata: JSON.stringify(record.message_metadata),
  };
}
