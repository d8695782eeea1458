import type { Kind, Plan } from "./round.ts";

export type Result = {
  plan: Plan;
  /** `void` where the harness itself is at fault: nothing is said of Waybill. */
  outcome: "passed" | "failed" | "skipped" | "void";
  notes: string;
  /** Why it was skipped, or what was found wrong. */
  problems: readonly string[];
  accepted: number;
  reports: number;
  spooled: number;
  refused: number;
  faults: number;
  recoveryMs: number | null;
  ms: number;
  /** Kept where the round did not pass, and there was room for it. */
  folder: string | null;
};

/** One line for a round, and below it what was found wrong and how to see it again. */
export function describeResult(result: Result): string {
  const { plan, outcome, notes, problems, folder } = result;
  const head = `${String(plan.index).padStart(4)} ${plan.kind.padEnd(7)} ${outcome.padEnd(7)}`;
  if (outcome === "skipped") return `${head} ${problems.join("; ")}`;
  const figures = [
    `${result.accepted} acknowledged`,
    `${result.reports} reports`,
    `${result.spooled} spooled`,
    `${result.refused} refused`,
    ...(result.recoveryMs === null ? [] : [`well after ${seconds(result.recoveryMs)}`]),
    seconds(result.ms),
  ];
  const line = `${head} ${notes}: ${figures.join(", ")}`;
  if (outcome === "passed") return line;
  return [
    line,
    ...problems.map((problem) => `       ! ${problem}`),
    `       repeat: ${repeatCommand(plan)}`,
    `       data:   ${folder ?? "not kept, see --keep"}`,
  ].join("\n");
}

function repeatCommand({ seed, index, kind }: Plan): string {
  return `npm run torture -- --seed ${seed} --round ${index} --only ${kind}`;
}

type Row = {
  kind: string;
  rounds: number;
  acknowledged: number;
  faults: number;
  refused: number;
  ms: number;
};

/** The table by kind, and the plain line with the numbers. */
export function describeAll(results: readonly Result[], kinds: readonly Kind[]): string {
  const rows = kinds.map((kind): Row => {
    const own = results.filter(({ plan, outcome }) => plan.kind === kind && outcome !== "skipped");
    const sum = (pick: (result: Result) => number): number => own.reduce((all, each) => all + pick(each), 0);
    return {
      kind,
      rounds: own.length,
      acknowledged: sum(({ accepted, reports }) => accepted + reports),
      faults: sum(({ faults }) => faults),
      refused: sum(({ refused }) => refused),
      ms: Math.max(0, ...own.map(({ recoveryMs }) => recoveryMs ?? 0)),
    };
  });
  const listOf = (outcome: Result["outcome"]): Result[] =>
    results
      .filter((result) => result.outcome === outcome)
      .sort((one, other) => one.plan.index - other.plan.index);
  const failed = listOf("failed");
  const voids = listOf("void");
  const skipped = listOf("skipped").length;
  return [
    "",
    line(["kind", "rounds", "acknowledged", "faults", "refused", "longest recovery"]),
    ...rows.map((row) =>
      line([row.kind, row.rounds, row.acknowledged, row.faults, row.refused, seconds(row.ms)]),
    ),
    "",
    [
      `${listOf("passed").length} passed`,
      `${failed.length} failed`,
      ...(skipped > 0 ? [`${skipped} skipped`] : []),
      ...(voids.length > 0 ? [`${voids.length} void by the harness's own fault`] : []),
    ].join(", "),
    ...listRounds("failed", failed),
    ...listRounds("void", voids),
  ].join("\n");
}

/** How to see each again, and what was found first. */
function listRounds(title: string, results: readonly Result[]): string[] {
  if (results.length === 0) return [];
  const rounds = results.map(
    ({ plan, problems }) => `  ${repeatCommand(plan)}  # ${problems[0]?.split("\n")[0]?.slice(0, 100)}`,
  );
  return ["", `${title}:`, ...rounds];
}

function line(cells: readonly (string | number)[]): string {
  const [first = "", ...rest] = cells.map(String);
  return `${first.padEnd(8)}${rest.map((cell) => cell.padStart(17)).join("")}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
