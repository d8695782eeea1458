import { type Command, Option } from "commander";
import type { ForwardingStatus, SinkState, SinkStatus } from "../../../src-shared/contract/sync.ts";
import { SINK_TITLES, SINKS, type SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { describeComparison } from "../../api/reconcile-job.ts";
import { SettingsFile } from "../../api/settings-file.ts";
import { syncConfig } from "../../api/sync-config.ts";
import { resend } from "../../api/sync-handlers.ts";
import type { MessageLogger } from "../../ledger/message-logger.ts";
import { describeSync } from "../../sync/describe.ts";
import { reconcileLedger } from "../../sync/reconcile-ledger.ts";
import { environmentSecrets } from "../../sync/secrets.ts";
import { act, addDataDir, type CommonOptions, withLedger } from "../command.ts";
import { EXIT_FAILED, EXIT_OK, UsageError } from "../failures.ts";
import { tell, write, writeJson, writeLine } from "../output.ts";
import { runShown } from "../run-shown.ts";
import { formatCount, formatMoment, formatPairs, formatTable } from "../table.ts";

const STATE_WORDS: Readonly<Record<SinkState, string>> = {
  off: "off",
  connecting: "connecting",
  delivering: "delivering",
  up_to_date: "up to date",
  retrying: "out of reach",
  stopped: "stopped",
  blocked: "blocked",
  paused: "paused",
  unattended: "no host runs",
};

type SinkOption = CommonOptions & { sink?: SinkName };

const sinkOption = (): Option => new Option("--sink <name>", "one sink instead of all").choices(SINKS);

export function syncCommand(program: Command): void {
  const sync = program.command("sync").description("how forwarding to RabbitMQ and Supabase stands");
  addStatus(sync);
  addRetry(sync);
  addPause(sync, "pause", true, "send nothing to a sink, or to any, until it is resumed");
  addPause(sync, "resume", false, "go on with what was paused");
  addResend(sync);
  addReconcile(sync);
}

function addStatus(sync: Command): void {
  const status = addDataDir(sync.command("status"))
    .description(
      "what each sink has, and what waits: exit 0 when nothing needs the operator, 1 when something does",
    )
    .option("--json", "print everything");
  act<CommonOptions>(status, ({ json }, dataDir) =>
    withLedger(dataDir, async (ledger) => {
      const found = await readStatus(ledger, dataDir);
      if (json === true) await writeJson(found);
      else await write(describeStatus(found));
      return found.sinks.some(needsOperator) ? EXIT_FAILED : EXIT_OK;
    }),
  );
}

function addRetry(sync: Command): void {
  const retry = addDataDir(sync.command("retry"))
    .description("send what is parked again")
    .addOption(sinkOption())
    .option("--json", "print {retried}");
  act<SinkOption>(retry, ({ sink, json }, dataDir) =>
    withLedger(dataDir, async (ledger) => {
      const retried = await ledger.sync.order({ order: "retry", sink: sink ?? null, parked: null });
      if (json === true) await writeJson({ retried });
      else await writeLine(`${formatCount(retried)} parked records are sent again.`);
      return EXIT_OK;
    }),
  );
}

function addPause(sync: Command, name: string, paused: boolean, description: string): void {
  const command = addDataDir(sync.command(name))
    .description(description)
    .addOption(sinkOption())
    .option("--json", "print the state after it");
  act<SinkOption>(command, ({ sink, json }, dataDir) =>
    withLedger(dataDir, async (ledger) => {
      for (const each of sink === undefined ? SINKS : [sink])
        await ledger.sync.order({ order: "pause", sink: each, paused });
      const status = await readStatus(ledger, dataDir);
      await (json === true ? writeJson(status) : write(describeStatus(status)));
      return EXIT_OK;
    }),
  );
}

type ResendOptions = CommonOptions & { sink: SinkName; from: string; to?: string };

function addResend(sync: Command): void {
  const command = addDataDir(sync.command("resend"))
    .description("send once more what was accepted in a period, as after a queue was deleted")
    .addOption(sinkOption().default("rabbitmq"))
    .requiredOption("--from <time>", "its begin")
    .option("--to <time>", "its end; now where left out")
    .option("--json", "print {changes}");
  act<ResendOptions>(command, ({ sink, from, to, json }, dataDir) =>
    withLedger(dataDir, async (ledger) => {
      const changes = await resend(ledger, sink, from, to ?? null);
      if (json === true) await writeJson({ changes });
      else await writeLine(`${formatCount(changes)} changes are sent to ${SINK_TITLES[sink]} once more.`);
      return EXIT_OK;
    }),
  );
}

function addReconcile(sync: Command): void {
  const command = addDataDir(sync.command("reconcile"))
    .description("compare the ledger with Supabase and send what differs")
    .option("--json", "print what was found");
  act<CommonOptions>(command, ({ json }, dataDir) =>
    withLedger(dataDir, async (ledger) => {
      const { sync: settings } = await new SettingsFile(dataDir, tell).get();
      const sources = { secrets: environmentSecrets(process.env), environment: process.env };
      const { supabase, faults } = await syncConfig(sources, settings, true);
      if (supabase === null) {
        const missing =
          "Supabase is not connected: set SUPABASE_URL and SUPABASE_KEY in the environment or in a .env file.";
        throw new UsageError(faults.supabase ?? missing);
      }
      const compared = await runShown((progress) => reconcileLedger(ledger, supabase, progress));
      if (json === true) await writeJson(compared.comparison);
      else await writeLine(describeComparison(compared));
      return EXIT_OK;
    }),
  );
}

async function readStatus(ledger: MessageLogger, dataDir: string): Promise<ForwardingStatus> {
  const { sync } = await new SettingsFile(dataDir, tell).get();
  return describeSync({
    facts: await ledger.sync.facts(),
    live: {},
    queues: null,
    faults: {},
    settings: sync,
    now: Date.now(),
  });
}

function needsOperator({ state, counts, is_behind }: SinkStatus): boolean {
  if (state === "off") return false;
  return state === "stopped" || is_behind || counts.parked > 0 || !counts.balanced;
}

function describeStatus({ sinks, queues }: ForwardingStatus): string {
  const parts = sinks.map((sink) => {
    const { counts, sessions } = sink;
    const pairs: (readonly [string, string])[] = [[SINK_TITLES[sink.sink], STATE_WORDS[sink.state]]];
    pairs.push(["", sink.message]);
    if (sink.state !== "off") {
      pairs.push(["Target", sink.target ?? "–"]);
      pairs.push(["Accepted", formatCount(counts.accepted)]);
      pairs.push(["Delivered", formatCount(counts.delivered)]);
      pairs.push(["Waiting", formatCount(counts.pending)]);
      pairs.push(["Parked", formatCount(counts.parked)]);
      if (counts.removed > 0) pairs.push(["Deleted before", formatCount(counts.removed)]);
      if (sessions !== null)
        pairs.push([
          "Sessions",
          `${formatCount(sessions.delivered)} delivered, ${formatCount(sessions.pending)} waiting`,
        ]);
      if (sink.last_delivered_ts !== null)
        pairs.push(["Last delivered", `${formatMoment(sink.last_delivered_ts)} UTC`]);
      if (sink.last_error !== null)
        pairs.push(["Last error", `${formatMoment(sink.last_error.ts)} UTC: ${sink.last_error.message}`]);
    }
    return formatPairs(pairs);
  });
  if (queues.queues.length > 0) {
    parts.push(
      formatTable(queues.queues, [
        { title: "QUEUE", text: ({ queue }) => queue },
        {
          title: "WAITING",
          text: ({ depth }) => (depth === null ? "–" : formatCount(depth)),
          align: "right",
        },
        {
          title: "CONSUMERS",
          text: ({ consumers }) => (consumers === null ? "–" : formatCount(consumers)),
          align: "right",
        },
        { title: "", text: ({ verdict }) => verdict ?? "" },
      ]),
    );
  }
  return parts.join("\n");
}
