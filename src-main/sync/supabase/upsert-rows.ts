import { DELIVERED, type Outcome, type SinkFailure, UNSETTLED, type Verdict } from "../sink.ts";
import type { Meaning } from "./failures.ts";
import type { RequestLimits } from "./request-limits.ts";

/** Requests on their way at once. */
export const MOST_REQUESTS = 3;

/** A row, and the changes that it settles. */
export type RowToSend = {
  row: Readonly<Record<string, unknown>>;
  characters: number;
  indexes: readonly number[];
};

export type UpsertOptions = {
  rows: readonly RowToSend[];
  /** How many changes there are to give a verdict on. */
  changes: number;
  limits: RequestLimits;
  /** One request: null where all of it was stored. */
  send: (rows: readonly RowToSend[]) => Promise<Meaning | null>;
  /** Whether any row at all can be stored there: null, or why not. */
  probe: () => Promise<SinkFailure | null>;
};

/**
 * Sends rows in a few requests at once. One that is too large is halved, and so is one with a row that is refused,
 * until that row is alone. A failure ends it: what was not tried is unsettled. Never throws.
 */
export async function upsertRows(options: UpsertOptions): Promise<Outcome> {
  const { limits, send } = options;
  const verdicts: Verdict[] = new Array(options.changes).fill(UNSETTLED);
  const settle = (row: RowToSend, verdict: Verdict): void => {
    for (const index of row.indexes) verdicts[index] = verdict;
  };
  const waiting = chunksOf(options.rows, limits);
  const refused: { row: RowToSend; reason: string }[] = [];
  let failure: SinkFailure | null = null;
  let stored = 0;

  const attempt = async (chunk: readonly RowToSend[]): Promise<void> => {
    const meaning = await send(chunk);
    if (meaning === null) {
      for (const row of chunk) settle(row, DELIVERED);
      stored += chunk.length;
      limits.passed();
    } else if (meaning.kind === "failed") {
      if (meaning.isSlow) limits.tooSlow(chunk.length);
      failure ??= meaning.failure;
    } else {
      if (meaning.kind === "too_large") limits.tooLarge(charactersOf(chunk));
      const [only] = chunk;
      const half = Math.ceil(chunk.length / 2);
      if (chunk.length === 1 && only !== undefined) refused.push({ row: only, reason: meaning.reason });
      else waiting.unshift(chunk.slice(0, half), chunk.slice(half));
    }
  };
  const work = async (): Promise<void> => {
    for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
      if (failure !== null) return;
      await attempt(chunk);
    }
  };
  // The pieces of a chunk that is halved come after some of these have ended, so as often as there is something.
  while (waiting.length > 0 && failure === null) {
    await Promise.all(Array.from({ length: MOST_REQUESTS }, work));
  }

  // Where nothing at all was stored the table may refuse everything, and nothing is parked for that.
  if (refused.length > 0 && stored === 0 && failure === null) failure = await options.probe();
  if (stored > 0 || failure === null)
    for (const { row, reason } of refused) settle(row, { kind: "parked", reason });
  return { verdicts, failure };
}

function chunksOf(rows: readonly RowToSend[], limits: RequestLimits): (readonly RowToSend[])[] {
  const chunks: RowToSend[][] = [];
  let chunk: RowToSend[] = [];
  let characters = 0;
  for (const row of rows) {
    const isFull = chunk.length >= limits.rows || characters + row.characters > limits.characters;
    if (isFull && chunk.length > 0) {
      chunks.push(chunk);
      chunk = [];
      characters = 0;
    }
    chunk.push(row);
    characters += row.characters;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

function charactersOf(rows: readonly RowToSend[]): number {
  return rows.reduce((sum, { characters }) => sum + characters, 0);
}
