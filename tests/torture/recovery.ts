import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Host, NoAnswer } from "./host.ts";
import { Broken, type Round } from "./round.ts";

/** Once a fault stops a new record is accepted within this. */
const LIVE_MS = 5_000;
/** All that waited is in the database, and what was damaged is salvaged, within this. */
const WELL_MS = 30_000;
const LOOK_MS = 50;

/** Proves that a new record is accepted soon after `since`, when the fault ended. */
export async function expectLive(round: Round, host: Host, since: number): Promise<void> {
  const stream = `live-${round.claims.all.size}`;
  let last = "";
  for (let number = 0; ; number += 1) {
    const record = {
      external_id: `${stream}#${number}`,
      status: "pending" as const,
      topic: stream,
      message_data: { number },
    };
    const claim = round.claims.send(stream, record);
    try {
      const { status, text } = await host.send("POST", "/messages", record);
      last = `${status} ${text}`;
      if (status === 202) {
        claim.uuid = (JSON.parse(text) as { message_uuids: string[] }).message_uuids[0] ?? null;
        claim.state = "acknowledged";
        break;
      }
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      last = error.message;
    }
    if (performance.now() - since > 2 * LIVE_MS) break;
    await pause(LOOK_MS);
  }
  const ms = performance.now() - since;
  if (ms > LIVE_MS)
    throw new Broken(
      `no record was accepted within ${LIVE_MS} ms of the fault's end but after ${Math.round(ms)} ms: ${last}`,
    );
}

/** Waits until nothing waits in the spool and the database is well; `since` is when the fault ended. */
export async function expectWell(round: Round, host: Host, since: number): Promise<void> {
  let last = "";
  while (performance.now() - since < WELL_MS) {
    const { database, spool, checks } = await host.health();
    const files = spoolFiles(round);
    last = `health: database ${checks.database?.message}; ${spool.records} records in ${spool.files} spool files; files there: ${files.join(", ")}`;
    if (database.available && checks.database?.state === "ok" && spool.files === 0 && files.length === 0) {
      round.recoveryMs = Math.max(round.recoveryMs ?? 0, performance.now() - since);
      return;
    }
    await pause(LOOK_MS);
  }
  throw new Broken(`it was not well again ${WELL_MS} ms after the fault's end: ${last}`);
}

/** Accepted records that wait, wherever the host may have put them: in `spool/`, the home, the temporary folder. */
export function spoolFiles(round: Round): string[] {
  const places = [join(round.dataDir, "spool"), round.home, join(round.folder, "tmp")];
  return places
    .filter((place) => existsSync(place))
    .flatMap((place) => readdirSync(place, { recursive: true, encoding: "utf8" }))
    .filter((name) => name.endsWith(".ndjson"));
}

/** Looks now and then how much waits in the spool, for the round's line; ends with the fault. */
export async function watchSpool(round: Round, host: Host, until: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = until.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const { spool } = await host.health();
    round.spooled = Math.max(round.spooled, spool.records);
    await Promise.race([over, pause(250)]);
  }
}
