import type { Breakdown } from "../../../src-shared/contract/statistics.ts";
import { formatNumber, formatPercent } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import { Cell, HeaderCell, Row, Table, TableBody, TableHead } from "../../ui/table.tsx";
import styles from "./compare.module.css";
import { DifferenceText } from "./figures-table.tsx";
import { pairUp } from "./pair-up.ts";

const MOST_ROWS = 20;

export type BreakdownComparisonProps = {
  noun: string;
  a: readonly Breakdown[];
  b: readonly Breakdown[];
  aLabel: string;
  bLabel: string;
  /** The messages of a row on the first side. */
  hrefOf: (key: string) => string;
};

/** What each template or channel did on both sides; what changed most comes first. */
export function BreakdownComparison({ noun, a, b, aLabel, bLabel, hrefOf }: BreakdownComparisonProps) {
  const pairs = pairUp(a, b).slice(0, MOST_ROWS);
  return (
    <div className={styles.compact}>
      <Table caption={`${noun}, ${aLabel} and ${bLabel}`}>
        <TableHead>
          <HeaderCell>{noun}</HeaderCell>
          <HeaderCell numeric>{aLabel}</HeaderCell>
          <HeaderCell numeric wide>
            {bLabel}
          </HeaderCell>
          <HeaderCell numeric>Difference</HeaderCell>
          <HeaderCell numeric wide>
            Success
          </HeaderCell>
          <HeaderCell numeric wide>
            Success before
          </HeaderCell>
          <HeaderCell numeric>Success difference</HeaderCell>
        </TableHead>
        <TableBody>
          {pairs.map(({ key, a: left, b: right }) => (
            <Row key={key}>
              <Cell>
                <Link className={styles.name} href={hrefOf(key)} title={key}>
                  {key}
                </Link>
              </Cell>
              <Cell numeric>{formatNumber(left?.total ?? 0)}</Cell>
              <Cell numeric wide>
                {formatNumber(right?.total ?? 0)}
              </Cell>
              <Cell numeric>
                <DifferenceText a={left?.total ?? 0} b={right?.total ?? 0} kind="volume" />
              </Cell>
              <Cell numeric wide>
                {formatPercent(left?.success_rate ?? null)}
              </Cell>
              <Cell numeric wide>
                {formatPercent(right?.success_rate ?? null)}
              </Cell>
              <Cell numeric>
                <DifferenceText a={left?.success_rate ?? null} b={right?.success_rate ?? null} kind="share" />
              </Cell>
            </Row>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}
