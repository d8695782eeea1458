import { formatRatio, type Line, type Table } from "./line.ts";

export type Report = { conditions: readonly [string, string][]; lines: readonly Line[] };

const MOST_ROWS = 30;

/** For BENCHMARKS.md. */
export function toMarkdown({ conditions, lines }: Report): string {
  return [
    ...conditions.map(([name, text]) => `- ${name}: ${text}`),
    "",
    ...toTable({
      title: "",
      head: ["what", "figure", "target", "limit in the same run", "ratio", "reached"],
      rows: lines.map(({ name, figure, target, limit, ratio, reached }) => [
        name,
        figure,
        target || "–",
        limit ?? "–",
        ratio === null ? "–" : formatRatio(ratio),
        reached === null ? "–" : reached ? "yes" : "**no**",
      ]),
    }),
    "",
    ...lines.flatMap(({ name, notes }) => notes.map((note) => `- ${name}: ${note}`)),
    ...lines.flatMap(({ table }) => (table === undefined ? [] : ["", ...toSection(table)])),
    "",
  ].join("\n");
}

/** The longest tables are sorted: what is left out here is in the JSON. */
function toSection({ title, head, rows }: Table): string[] {
  const shown = rows.slice(0, MOST_ROWS);
  const part = shown.length < rows.length ? `, the slowest ${shown.length} of ${rows.length}` : "";
  return [`### ${title}${part}`, "", ...toTable({ title, head, rows: shown })];
}

function toTable({ head, rows }: Table): string[] {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
