import { parseArgs } from "node:util";
import { KINDS, type Kind } from "./round.ts";

const DEFAULT_ROUNDS = 25;

export type Options = {
  rounds: number;
  seed: number;
  kinds: readonly Kind[];
  jobs: number;
  round: number | null;
  /** Keep the folder of every round that failed. */
  isKeeping: boolean;
  /** A file for what became of each round, as JSON. */
  report: string | null;
};

const USAGE =
  "npm run torture [-- --rounds N] [--seed S] [--only kind,kind] [--jobs J] [--round I] [--keep] [--report FILE]\n" +
  `kinds: ${KINDS.join(", ")}; --round I runs that one round of the seed alone; --keep keeps every failed round's folder; --report writes the outcomes as JSON`;

/** Throws an error with the usage where the arguments are not understood. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      seed: { type: "string" },
      only: { type: "string" },
      jobs: { type: "string" },
      round: { type: "string" },
      keep: { type: "boolean" },
      report: { type: "string" },
    },
  });
  const kinds = values.only === undefined ? KINDS : values.only.split(",").map(toKind);
  return {
    rounds: toNumber(values.rounds, DEFAULT_ROUNDS),
    // A new one each time: what is found can be repeated by the seed that is printed.
    seed: toNumber(values.seed, Date.now() % 1_000_000),
    kinds,
    jobs: toNumber(values.jobs, 2),
    round: values.round === undefined ? null : toNumber(values.round, 0),
    isKeeping: values.keep === true,
    report: values.report ?? null,
  };
}

function toKind(text: string): Kind {
  const kind = KINDS.find((each) => each === text.trim());
  if (kind === undefined) throw new Error(`There is no kind "${text}".\n${USAGE}`);
  return kind;
}

function toNumber(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is not a whole number.\n${USAGE}`);
  return Number(text);
}
