import { messagesHref, useNavigate } from "../../shell/navigation.ts";
import { formatNumber, formatPercent } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import { OUTCOME_STACK } from "../../ui/stacks.ts";
import { Cell, HeaderCell, Row, Table, TableBody, TableHead } from "../../ui/table.tsx";
import { allOf } from "../overview/period.ts";
import styles from "./analytics.module.css";
import { type BreakdownRow, nextSort, type Sort, type SortKey, sortRows } from "./breakdown-rows.ts";

export type BreakdownTableProps = {
  /** What a row is: "Template". */
  noun: string;
  rows: readonly BreakdownRow[];
  sort: Sort;
  /** The time shown, in the query language. */
  timeQuery: string;
  onSort: (sort: Sort) => void;
};

export function BreakdownTable({ noun, rows, sort, timeQuery, onSort }: BreakdownTableProps) {
  const navigate = useNavigate();
  const most = Math.max(1, ...rows.map(({ total }) => total));
  const header = (by: SortKey) => ({
    sort: sort.by === by ? sort.order : null,
    onSort: () => onSort(nextSort(sort, by)),
  });
  return (
    <Table caption={`Messages by ${noun.toLowerCase()}`}>
      <TableHead>
        <HeaderCell {...header("name")}>{noun}</HeaderCell>
        <HeaderCell wide width="36%">
          <span className="visually-hidden">Share of the largest, by outcome</span>
        </HeaderCell>
        <HeaderCell numeric {...header("total")}>
          Messages
        </HeaderCell>
        <HeaderCell numeric {...header("success_rate")}>
          Success
        </HeaderCell>
        <HeaderCell numeric {...header("failed")}>
          Failed
        </HeaderCell>
      </TableHead>
      <TableBody>
        {sortRows(rows, sort).map((row) => {
          const href = messagesHref(allOf(row.query, timeQuery));
          const failed = messagesHref(allOf(`${row.query} status:failed`, timeQuery));
          return (
            <Row key={row.key} onOpen={() => navigate(href)}>
              <Cell>
                <Link className={styles.name} href={href} title={row.key}>
                  {row.name}
                </Link>
              </Cell>
              <Cell wide>
                <OutcomeBar most={most} row={row} />
              </Cell>
              <Cell numeric>{formatNumber(row.total)}</Cell>
              <Cell numeric>{formatPercent(row.success_rate)}</Cell>
              <Cell numeric>
                {row.failed === 0 ? (
                  <span className={styles.none}>0</span>
                ) : (
                  <Link className={styles.failed} href={failed}>
                    {formatNumber(row.failed)}
                  </Link>
                )}
              </Cell>
            </Row>
          );
        })}
      </TableBody>
    </Table>
  );
}

function OutcomeBar({ row, most }: { row: BreakdownRow; most: number }) {
  const shown = OUTCOME_STACK.filter(([part]) => row[part] > 0);
  const text = shown.map(([part]) => `${formatNumber(row[part])} ${part}`).join(", ") || "No messages";
  return (
    <span aria-label={text} className={styles.bar} role="img" title={text}>
      <span className={styles.fill} style={{ width: `${(row.total / most) * 100}%` }}>
        {shown.map(([part, colour]) => (
          <span key={part} style={{ background: colour, flexGrow: row[part] }} />
        ))}
      </span>
    </span>
  );
}
