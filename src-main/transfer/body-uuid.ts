import { bytesOf, uuidV5 } from "./uuid-v5.ts";

/** Never change it: the ids of all bodies that came from queues and lists without one are derived from it. */
const BODY_NAMESPACE = bytesOf("c3b1b6d4-2a8e-5d0b-8f53-7e1f0c9a4d26");

/** The id of a body that brought none, by the name that `readBody` makes of its queue and content. */
export function bodyUuid(name: string): string {
  return uuidV5(BODY_NAMESPACE, name);
}
