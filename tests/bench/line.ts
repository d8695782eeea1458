/** One line of the table: what was measured, against what was promised and what the machine could do at most. */
export type Line = {
  name: string;
  figure: string;
  target: string;
  /** What the machine did in the same run without Waybill; null where nothing compares. */
  limit: string | null;
  ratio: number | null;
  /** Null for a line that is told without a promise. */
  reached: boolean | null;
  /** What else is worth knowing, each a short sentence. */
  notes: readonly string[];
  /** The single figures behind the line, for `--json` and the tables below. */
  table?: Table;
};

export type Table = {
  title: string;
  head: readonly string[];
  rows: readonly (readonly (string | number)[])[];
};

export function describeLine({ name, figure, target, limit, ratio, reached, notes }: Line): string {
  const parts = [
    figure,
    ...(target === "" ? [] : [`target ${target}`]),
    ...(limit === null ? [] : [`limit ${limit}`]),
    ...(ratio === null ? [] : [`ratio ${formatRatio(ratio)}`]),
    ...(reached === null ? [] : [reached ? "reached" : "NOT reached"]),
  ];
  return [`${name}: ${parts.join("; ")}`, ...notes.map((note) => `    ${note}`)].join("\n");
}

export function formatRatio(ratio: number): string {
  return ratio.toFixed(2);
}

export function perSecond(count: number, ms: number): number {
  return (count / ms) * 1_000;
}

export function formatRate(rate: number): string {
  return `${Math.round(rate).toLocaleString("en-US")}/s`;
}

export function formatMs(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
}

export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

export function formatMiB(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
}
