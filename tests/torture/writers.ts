import { setTimeout as pause } from "node:timers/promises";
import type { Claim, State } from "./claims.ts";
import { startCliWriter } from "./cli-writer.ts";
import { type Answer, type Host, NoAnswer } from "./host.ts";
import { isOld, nextStatus, RecordMaker, type RecordShape } from "./records.ts";
import type { Round } from "./round.ts";
import type { Random } from "./seed.ts";

export const WRITER_KINDS = ["single", "ndjson", "cli"] as const;
export type WriterKind = (typeof WRITER_KINDS)[number];

/** What the writers of a round may meet; the round changes it as its fault begins and ends. */
export type Weather = {
  /** The host is killed: connections break, and nobody knows what became of the records. */
  mayBreak: boolean;
  /** There may be no room: 503, or exit 1. */
  mayRefuse: boolean;
  /** Reports may be put off with 503: what they are about can't be looked up. */
  mayPutOff: boolean;
  /** The longest that a POST which begins now may take, in milliseconds. */
  limitMs: number | null;
};

export type Writer = {
  /** Ends in order: what was sent is answered. */
  stop: () => Promise<void>;
  /** Ends at once, where it is a process. */
  kill: () => Promise<void>;
  /** Settles once it has its first acknowledgement, or has ended without one. */
  begun: Promise<void>;
};

export type WriterOptions = { weather: Weather; shape: RecordShape; pauseMs: number };

/** As long as a patient caller waits before he tries again. */
const REFUSED_MS = 25;
export const FAIR: Weather = { mayBreak: false, mayRefuse: false, mayPutOff: false, limitMs: null };
export const SHAPE: RecordShape = { withoutUuid: 0.2, old: 0, bytes: 400 };

/** Writers that log at once, each a stream of its own. */
export function startWriters(
  round: Round,
  host: Host,
  kinds: readonly WriterKind[],
  options: WriterOptions,
  epoch = 0,
): Writer[] {
  return kinds.map((kind, index) => {
    const stream = `${kind}-${epoch}-${index}`;
    if (kind === "cli") return startCliWriter(round, stream, options);
    return startHttpWriter(round, host, stream, kind === "ndjson", options);
  });
}

export async function stopAll(writers: readonly Writer[]): Promise<void> {
  await Promise.all(writers.map((writer) => writer.stop()));
}

function startHttpWriter(
  round: Round,
  host: Host,
  stream: string,
  isBulk: boolean,
  options: WriterOptions,
): Writer {
  const random = round.random.fork(stream);
  const maker = new RecordMaker(stream, random, options.shape);
  const sender = new Sender(round, host, options.weather);
  let isStopped = false;
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const run = async (): Promise<void> => {
    while (!isStopped && !sender.isBroken) {
      const claims = Array.from({ length: isBulk ? random.int(20, 150) : 1 }, () =>
        claim(round, stream, maker.make()),
      );
      await sender.post(claims, isBulk);
      begin();
      const [first] = claims;
      // A bulk writer reports on one message in many, a single one on every other.
      if (first?.state === "acknowledged" && random.chance(0.6)) await sender.report(first, random);
      await pause(first?.state === "acknowledged" ? random.int(0, options.pauseMs) : REFUSED_MS);
    }
  };
  const ran = run()
    .catch((error: unknown) => round.problem(`${stream}: ${String(error)}`))
    .finally(() => begin());
  return {
    begun,
    stop: () => {
      isStopped = true;
      return ran;
    },
    kill: async () => {},
  };
}

export function claim(round: Round, stream: string, record: ReturnType<RecordMaker["make"]>): Claim {
  const { claims } = round;
  if (isOld(record)) claims.mayBePruned.add(record.external_id);
  return claims.send(stream, record);
}

/** Sends records and reports to a host and notes what it was told. */
class Sender {
  readonly #round: Round;
  readonly #host: Host;
  readonly #weather: Weather;
  isBroken = false;

  constructor(round: Round, host: Host, weather: Weather) {
    this.#round = round;
    this.#host = host;
    this.#weather = weather;
  }

  async post(claims: readonly Claim[], isBulk: boolean): Promise<void> {
    const records = claims.map(({ record }) => JSON.stringify(record)).join("\n");
    const type = isBulk ? "application/x-ndjson" : "application/json";
    const { limitMs } = this.#weather;
    const answer = await this.#send("POST", "/messages", records, type);
    if (answer === null) return;
    if (limitMs !== null && answer.ms > limitMs)
      this.#round.problem(`a POST waited ${Math.round(answer.ms)} ms for its answer (${answer.status})`);
    takeAnswer(this.#round, claims, answer, this.#weather.mayRefuse);
  }

  async report(claim: Claim, random: Random): Promise<void> {
    for (let status = nextStatus(claim.record.status, random); status !== undefined; ) {
      const report: Claim["reports"][number] = { status, state: "unknown" };
      claim.reports.push(report);
      const answer = await this.#send("PATCH", `/messages/${claim.uuid}`, { status });
      if (answer === null) return;
      report.state = this.#stateOf(answer, claim);
      if (report.state !== "acknowledged" || random.chance(0.5)) return;
      status = nextStatus(status, random);
    }
  }

  #stateOf({ status, text }: Answer, claim: Claim): State {
    if (status === 200 || status === 202) return "acknowledged";
    // What was overwritten may be gone for good.
    if (status === 404 && this.#round.claims.mayBeLost.has(claim.record.external_id)) return "unknown";
    const { mayPutOff, mayRefuse } = this.#weather;
    if (status !== 503 || !(mayPutOff || mayRefuse))
      this.#round.problem(`a report on ${claim.record.external_id} was answered ${status}: ${text}`);
    return status === 503 ? "refused" : "unknown";
  }

  /** Null where the connection broke. */
  async #send(method: string, path: string, body: unknown, type?: string): Promise<Answer | null> {
    try {
      return await this.#host.send(method, path, body, type);
    } catch (error) {
      this.isBroken = true;
      // The host may have been killed since it was asked.
      if (error instanceof NoAnswer || !this.#weather.mayBreak)
        this.#round.problem(`${method} ${path}: ${String(error)}`);
      return null;
    }
  }
}

/** Notes what an answer to a POST says of its records. */
export function takeAnswer(round: Round, claims: readonly Claim[], answer: Answer, mayRefuse: boolean): void {
  const { status, text } = answer;
  if (status === 503 && mayRefuse) {
    // Of a body that failed midway some were accepted, and it does not tell which.
    if (!/"accepted":/.test(text)) for (const claim of claims) claim.state = "refused";
    return;
  }
  if (status !== 202) {
    round.problem(`a POST of ${claims.length} records was answered ${status}: ${text.slice(0, 500)}`);
    return;
  }
  const { message_uuids, rejected } = JSON.parse(text) as { message_uuids: string[]; rejected: unknown[] };
  if (rejected.length > 0 || message_uuids.length !== claims.length) {
    round.problem(`a POST of ${claims.length} sound records was answered ${text.slice(0, 500)}`);
    return;
  }
  for (const [index, claim] of claims.entries()) acknowledge(round, claim, message_uuids[index] ?? "");
}

export function acknowledge(round: Round, claim: Claim, uuid: string): void {
  if (claim.uuid !== null && claim.uuid !== uuid)
    round.problem(`${claim.record.external_id} was acknowledged as ${uuid}, but is ${claim.uuid}`);
  claim.uuid = uuid;
  claim.state = "acknowledged";
}

/** Sends again, as a careful caller does, what nobody answered; only what has a uuid of its own can be. */
export async function resendUnknown(round: Round, host: Host): Promise<void> {
  const unknown = round.claims.list("unknown").filter(({ uuid }) => uuid !== null);
  for (const claim of unknown) claim.isResent = true;
  if (unknown.length === 0) return;
  const body = `[${unknown.map(({ record }) => JSON.stringify(record)).join(",")}]`;
  takeAnswer(round, unknown, await host.send("POST", "/messages", body), false);
}
