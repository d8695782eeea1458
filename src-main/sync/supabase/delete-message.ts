import { SECOND_MS } from "../../../src-shared/time.ts";
import { SinkFailure, type SupabaseOptions } from "../sink.ts";
import { SupabaseApi } from "./api.ts";
import { failureOf } from "./failures.ts";

const LONGEST_MS = 10 * SECOND_MS;

/** Deletes a message's row. Throws `SinkFailure`, also where there was none. */
export async function deleteMessage(options: SupabaseOptions, message_uuid: string): Promise<void> {
  const api = new SupabaseApi(options);
  try {
    const answer = await api.call(
      (client) =>
        client.from("message_logs").delete().eq("message_uuid", message_uuid).select("message_uuid"),
      { timeoutMs: LONGEST_MS },
    );
    if (!answer.ok) throw failureOf(answer.trouble, api.host);
    if (!Array.isArray(answer.data) || answer.data.length !== 1)
      throw new SinkFailure("stop", "Supabase has no row of it that the key may delete.");
  } finally {
    api.close();
  }
}
