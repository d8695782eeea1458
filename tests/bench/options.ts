import { parseArgs } from "node:util";

export const PARTS = [
  "log-messages",
  "log-message",
  "post-messages",
  "statistics",
  "pages",
  "export",
  "import",
  "cold-start",
  "forwarding",
  "consume",
] as const;
export type Part = (typeof PARTS)[number];

export type Options = {
  records: number;
  parts: readonly Part[];
  /** Where the ledgers are, and whether they stay. */
  folder: string | null;
  isReused: boolean;
  json: string | null;
  seed: number;
};

export const USAGE = `npm run bench [-- --records N] [--only part,part] [--keep DIR | --use DIR] [--json FILE] [--seed S]
parts: ${PARTS.join(", ")}
--records  size of the big ledger, 1000000 by default; the small one has a tenth
--keep     build the ledgers in DIR and leave them there
--use      take the ledgers that --keep left in DIR`;

const FEWEST = 1_000;

/** Throws an error with the usage where the arguments are not understood. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      records: { type: "string", default: "1000000" },
      only: { type: "string" },
      keep: { type: "string" },
      use: { type: "string" },
      json: { type: "string" },
      seed: { type: "string", default: "1" },
    },
  });
  if (values.keep !== undefined && values.use !== undefined)
    throw new Error(`--keep makes ledgers, --use takes them: only one of them.\n${USAGE}`);
  const records = toNumber(values.records);
  if (records < FEWEST) throw new Error(`Fewer than ${FEWEST} records measure nothing.\n${USAGE}`);
  return {
    records,
    parts: values.only === undefined ? PARTS : values.only.split(",").map(toPart),
    folder: values.keep ?? values.use ?? null,
    isReused: values.use !== undefined,
    json: values.json ?? null,
    seed: toNumber(values.seed),
  };
}

function toPart(text: string): Part {
  const part = PARTS.find((each) => each === text.trim());
  if (part === undefined) throw new Error(`There is no part "${text}".\n${USAGE}`);
  return part;
}

function toNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`"${text}" is not a whole number.\n${USAGE}`);
  return Number(text);
}
