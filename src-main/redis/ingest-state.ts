import type { IngestState } from "../../src-shared/contract/chat.ts";

/** Of one that has not begun. */
export function newIngestState(source: string, kind: IngestState["kind"]): IngestState {
  return {
    source,
    kind,
    state: "connecting",
    problem: null,
    accepted: 0,
    duplicates: 0,
    dead: 0,
    depth: null,
    last_error: null,
  };
}
