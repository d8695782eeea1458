import { hash } from "node:crypto";
import { storableText } from "./supabase/storable.ts";

/** Fingerprints are 48 bits, and are added modulo 2^48: in either order, and exactly as a number. */
const MODULUS = 2 ** 48;

/**
 * What ledger and Supabase must agree on of one row. `waybill.fingerprint` in assets/supabase/waybill.sql makes
 * the same. Sessions have no status: it is empty.
 */
export function fingerprint(id: string, revision: number, status: string): number {
  return Number.parseInt(hash("md5", `${storableText(id)}:${revision}:${status}`).slice(0, 12), 16);
}

export function addFingerprints(one: number, other: number): number {
  return (one + other) % MODULUS;
}

/** The start of the span of time that a moment is in, both in milliseconds since 1970. */
export function bucketOf(ms: number, bucketMs: number): number {
  return Math.floor(ms / bucketMs) * bucketMs;
}
