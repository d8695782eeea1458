import type { Output } from "../../../src-shared/contract/index.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { ArchiveDatabase } from "./archive-database.ts";

/** An archive forwards nothing: it is where records have arrived. */
export async function listOutages(): Promise<Output<"sync.outages">> {
  return { outages: [] };
}

export async function listParked(): Promise<Output<"sync.parked">> {
  return { parked: [], next_cursor: null };
}

/** Throws `not_found`. */
export async function messageDeliveries(
  database: ArchiveDatabase,
  { message_uuid }: { message_uuid: string },
): Promise<Output<"sync.deliveries">> {
  const found = await database.rows("SELECT FROM message_logs AS m WHERE m.message_uuid = $1::uuid", [
    message_uuid,
  ]);
  if (found.length === 0) throw new WaybillError("not_found", `There is no message ${message_uuid}.`);
  return { deliveries: [] };
}
