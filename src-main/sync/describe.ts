import type { ForwardingStatus, Queues, SinkStatus } from "../../src-shared/contract/sync.ts";
import { SINK_TITLES, SINKS, type SinkName } from "../../src-shared/contract/sync-counts.ts";
import type { SyncSettings } from "../../src-shared/contract/sync-settings.ts";
import { plural } from "../../src-shared/plural.ts";
import { formatOptionalTime, SECOND_MS } from "../../src-shared/time.ts";
import type { SinkFacts, SyncFacts } from "../ledger/reader/sync.ts";
import { countsOf } from "../ledger/sync-health.ts";
import type { LiveState, SavedLive } from "./live-state.ts";

/** A forecast is no use where nothing moves, or it would take longer than this. */
const LONGEST_FORECAST_MS = 30 * 24 * 3_600 * SECOND_MS;

const HOW_TO_CONNECT: Readonly<Record<SinkName, string>> = {
  rabbitmq:
    "RabbitMQ is not connected. Set RABBITMQ_URL in the environment or in a .env file of the data folder, and start Waybill again.",
  supabase:
    "Supabase is not connected. Set SUPABASE_URL and SUPABASE_KEY in the environment or in a .env file of the data folder, and start Waybill again.",
};

export type Described = {
  facts: SyncFacts | null;
  /** From this host's own relays, where it is the one that forwards. */
  live: Partial<Record<SinkName, LiveState>>;
  queues: Queues | null;
  /** What is wrong with how a sink is configured. */
  faults: Partial<Record<SinkName, string>>;
  settings: SyncSettings;
  now: number;
};

/** The whole state of forwarding, as any process can tell it. */
export function describeSync(described: Described): ForwardingStatus {
  const { facts, queues } = described;
  return {
    sinks: SINKS.map((sink) => {
      const found = facts?.sinks.find((each) => each.sink === sink) ?? null;
      return describeSink(sink, found, described);
    }),
    queues: queues ?? savedLive(facts?.sinks.find(({ sink }) => sink === "rabbitmq"))?.queues ?? NO_QUEUES,
  };
}

const NO_QUEUES: Queues = { available: false, message: "RabbitMQ has not been asked yet.", queues: [] };

function describeSink(sink: SinkName, facts: SinkFacts | null, described: Described): SinkStatus {
  const { now } = described;
  const live = described.live[sink] ?? savedLive(facts)?.relay ?? null;
  const counts = countsOf(facts?.streams.message);
  const sessions = facts?.streams.session === undefined ? null : countsOf(facts.streams.session);
  const shown = stateOf(sink, facts, live, described);
  const isMoving = shown.state === "delivering" && live !== null && live.rate > 0;
  const waiting = counts.pending + (sessions?.pending ?? 0);
  const left = isMoving ? (waiting / live.rate) * SECOND_MS : Number.POSITIVE_INFINITY;
  const oldest = facts?.streams.message?.oldestPendingTs ?? null;
  return {
    sink,
    ...shown,
    target: facts?.target ?? null,
    counts,
    sessions: sink === "supabase" ? (sessions ?? countsOf(undefined)) : null,
    resending: facts?.resending ?? 0,
    rate_per_second: isMoving ? live.rate : 0,
    oldest_pending_ts: formatOptionalTime(counts.pending > 0 ? oldest : null),
    done_by_ts: waiting > 0 && left < LONGEST_FORECAST_MS ? formatOptionalTime(Math.round(now + left)) : null,
    last_delivered_ts: formatOptionalTime(live?.lastDelivered ?? null),
    last_error:
      live?.lastError == null
        ? null
        : { ts: formatOptionalTime(live.lastError.ts) ?? "", message: live.lastError.message },
    next_try_ts: formatOptionalTime(
      shown.state === "retrying" || shown.state === "stopped" ? (live?.nextTry ?? null) : null,
    ),
    is_behind: shown.state !== "off" && counts.pending > described.settings.behind_warning,
  };
}

function stateOf(
  sink: SinkName,
  facts: SinkFacts | null,
  live: LiveState | null,
  { facts: all, faults, settings, now }: Described,
): Pick<SinkStatus, "state" | "message" | "since_ts"> {
  const title = SINK_TITLES[sink];
  const fault = faults[sink];
  if (fault !== undefined) return { state: "stopped", message: fault, since_ts: null };
  if (!settings[sink].enabled) {
    const message = `${title} is switched off. Switch it on in the settings to go on where it was.`;
    return { state: "off", message, since_ts: null };
  }
  if (facts?.enabled !== true) return { state: "off", message: HOW_TO_CONNECT[sink], since_ts: null };
  if (facts.paused)
    return {
      state: "paused",
      message: `${title} is paused. Nothing is lost; resume it to go on.`,
      since_ts: null,
    };
  if (live === null || all === null || (all.leaseUntil ?? 0) < now) {
    const message = "No host of this ledger runs now, so nothing is forwarded. Start one: waybill serve.";
    return { state: "unattended", message, since_ts: null };
  }
  const parked = facts.streams.message?.parked ?? 0;
  const message =
    live.state === "up_to_date" && parked > 0
      ? `Everything else has arrived; ${plural(parked, "record")} ${parked === 1 ? "is" : "are"} parked.`
      : live.message;
  return { state: live.state, message, since_ts: formatOptionalTime(live.since) };
}

function savedLive(facts: SinkFacts | null | undefined): SavedLive | null {
  if (!facts?.live) return null;
  return JSON.parse(facts.live) as SavedLive;
}
