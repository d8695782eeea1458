import type { SupabaseSettings } from "../../../src-shared/contract/sync-settings.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { SupabaseOptions } from "../sink.ts";

/** The chat agent's own; the misspelling is its name. */
const CHAT_TABLE = "message_paritition";

/**
 * Null unless both the address and the key are known; the environment's come before those of settings and keychain.
 * Throws `invalid` for an address or a key that can't be one, and for a table that Waybill does not know.
 */
export function supabaseOptions(
  environment: Readonly<Record<string, string | undefined>>,
  settings: SupabaseSettings,
  key: string | null,
): SupabaseOptions | null {
  const address = environment.SUPABASE_URL?.trim() || settings.url;
  const secret = environment.SUPABASE_KEY?.trim() || key?.trim();
  if (!address || !secret) return null;
  return {
    url: readAddress(address),
    key: readKey(secret),
    caFile: settings.ca_file,
    chatTable: readChatTable(environment.SUPABASE_TABLE?.trim()),
  };
}

/** Where to, without secrets. */
export function targetOf({ url }: SupabaseOptions): string {
  const { host, pathname } = new URL(url);
  return pathname === "/" ? host : host + pathname;
}

/** The project's base address, also where somebody copied that of its REST API. */
function readAddress(address: string): string {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    const message =
      "SUPABASE_URL is not the address of a project. Write it like https://abcdefgh.supabase.co, without a key in it.";
    throw new WaybillError("invalid", message);
  }
  return url.origin + url.pathname.replace(/\/+$/, "").replace(/\/rest\/v1$/, "");
}

function readKey(key: string): string {
  // Anything else can't be sent in a header.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new WaybillError("invalid", "SUPABASE_KEY has characters that no key has. Copy it again.");
  if (key.startsWith("sb_publishable_") || roleOf(key) === "anon") {
    const message =
      "SUPABASE_KEY is the public key, which may not write. Use the secret key (sb_secret_…), or the service_role key.";
    throw new WaybillError("invalid", message);
  }
  return key;
}

function readChatTable(table: string | undefined): SupabaseOptions["chatTable"] {
  if (!table || table === "message_logs") return null;
  if (table === CHAT_TABLE) return table;
  const message = `SUPABASE_TABLE is "${table}". Waybill writes message_logs, where it is left out, and with ${CHAT_TABLE} each chat turn into that table as well.`;
  throw new WaybillError("invalid", message);
}

/** The role in a key that is a JWT; null in one that is none. */
function roleOf(key: string): unknown {
  const payload = key.split(".")[1];
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null && "role" in claims ? claims.role : null;
  } catch {
    return null;
  }
}
