import { bytesOf, uuidV5 } from "./uuid-v5.ts";

/** Never change it: the ids of all rows that were imported without one are derived from it. */
const IMPORT_NAMESPACE = "5d0f6a52-6f0b-5c55-9b0e-2f4c1d8f7a31";

/** Gives names their UUIDv5 in a namespace of the import's settings. */
export function createRowUuid(settings: unknown): (name: string) => string {
  const space = bytesOf(uuidV5(bytesOf(IMPORT_NAMESPACE), JSON.stringify(settings)));
  return (name) => uuidV5(space, name);
}
