import { Link } from "../../ui/link.tsx";
import { Cell, HeaderCell, Row, Table, TableBody, TableHead } from "../../ui/table.tsx";
import styles from "./compare.module.css";
import { differenceOf, type FigureKind, formatFigure } from "./difference.ts";

export type Figure = {
  label: string;
  kind: FigureKind;
  a: number | null;
  b: number | null;
  aHref?: string | undefined;
  bHref?: string | undefined;
};

export type FiguresTableProps = {
  caption: string;
  noun: string;
  aLabel: string;
  bLabel: string;
  figures: readonly Figure[];
};

/** Figures of both sides, and how the first stands to the second. */
export function FiguresTable({ caption, noun, aLabel, bLabel, figures }: FiguresTableProps) {
  return (
    <div className={styles.compact}>
      <Table caption={caption}>
        <TableHead>
          <HeaderCell>{noun}</HeaderCell>
          <HeaderCell numeric>{aLabel}</HeaderCell>
          <HeaderCell numeric>{bLabel}</HeaderCell>
          <HeaderCell numeric>Difference</HeaderCell>
        </TableHead>
        <TableBody>
          {figures.map(({ label, kind, a, b, aHref, bHref }) => (
            <Row key={label}>
              <Cell>{label}</Cell>
              <Cell numeric>
                <Value href={aHref} text={formatFigure(kind, a)} />
              </Cell>
              <Cell numeric>
                <Value href={bHref} text={formatFigure(kind, b)} />
              </Cell>
              <Cell numeric>
                <DifferenceText a={a} b={b} kind={kind} />
              </Cell>
            </Row>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

function Value({ href, text }: { href: string | undefined; text: string }) {
  return href === undefined ? text : <Link href={href}>{text}</Link>;
}

export function DifferenceText({ kind, a, b }: { kind: FigureKind; a: number | null; b: number | null }) {
  const difference = differenceOf(kind, a, b);
  if (difference === null) return <span className={styles.neutral}>–</span>;
  return (
    <span className={styles[difference.verdict]}>
      {difference.text}
      {difference.verdict !== "neutral" && <span className="visually-hidden">, {difference.verdict}</span>}
    </span>
  );
}
