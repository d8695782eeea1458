export type Column<T> = {
  title: string;
  text: (row: T) => string;
  align?: "right";
  /** Takes what the terminal has left over; at most one column. */
  fills?: boolean;
};

const GAP = "  ";
const LEAST_FILL = 20;

/** Texts come from anywhere: a control character must not reach the terminal, nor a line break the table. */
export function printable(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
}

function cut(text: string, width: number): string {
  const points = [...text];
  return points.length <= width ? text : `${points.slice(0, Math.max(0, width - 1)).join("")}…`;
}

function pad(text: string, width: number, align: "right" | undefined): string {
  const space = " ".repeat(Math.max(0, width - [...text].length));
  return align === "right" ? space + text : text + space;
}

/** Lines of aligned columns under their titles; `width` is the terminal's, or undefined for no limit. */
export function formatTable<T>(rows: readonly T[], columns: readonly Column<T>[], width?: number): string {
  const cells = rows.map((row) => columns.map(({ text }) => printable(text(row))));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((line) => [...(line[index] ?? "")].length)),
  );
  const filling = columns.findIndex(({ fills }) => fills === true);
  if (width !== undefined && filling !== -1) {
    const others = widths.reduce(
      (sum, each, index) => (index === filling ? sum : sum + each + GAP.length),
      0,
    );
    widths[filling] = Math.min(widths[filling] ?? 0, Math.max(LEAST_FILL, width - others));
  }
  const line = (texts: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const columnWidth = widths[index] ?? 0;
        return pad(cut(texts[index] ?? "", columnWidth), columnWidth, align);
      })
      .join(GAP)
      .trimEnd();
  return `${[line(columns.map(({ title }) => title)), ...cells.map(line)].join("\n")}\n`;
}

/** Names and values under each other. */
export function formatPairs(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return `${pairs.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`).join("\n")}\n`;
}

export function formatCount(value: number): string {
  return value.toLocaleString("en");
}

export function formatShare(share: number | null): string {
  return share === null ? "–" : `${(share * 100).toLocaleString("en", { maximumFractionDigits: 1 })} %`;
}

/** `2026-01-31 09:30:00`, in UTC. */
export function formatMoment(time: string): string {
  return time.slice(0, 19).replace("T", " ");
}
