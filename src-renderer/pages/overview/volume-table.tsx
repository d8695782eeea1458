import { messagesHref } from "../../shell/navigation.ts";
import { formatNumber } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import { STATUS_STACK } from "../../ui/stacks.ts";
import { statusMeta } from "../../ui/status-meta.ts";
import { Cell, HeaderCell, Row, Table, TableBody, TableHead } from "../../ui/table.tsx";
import { timeRange } from "./period.ts";
import { bucketLabel, totalOf, type VolumePoint } from "./volume.ts";

/** The figures of the chart, newest first. */
export function VolumeTable({ points }: { points: readonly VolumePoint[] }) {
  return (
    <Table caption="Messages over time by status">
      <TableHead>
        <HeaderCell>Time</HeaderCell>
        {STATUS_STACK.toReversed().map((status) => (
          <HeaderCell key={status} numeric>
            {statusMeta(status).label}
          </HeaderCell>
        ))}
        <HeaderCell numeric>All</HeaderCell>
      </TableHead>
      <TableBody>
        {points.toReversed().map((point) => (
          <Row key={point.start}>
            <Cell>
              <Link href={messagesHref(timeRange(point.from, point.to))}>{bucketLabel(point)}</Link>
            </Cell>
            {STATUS_STACK.toReversed().map((status) => (
              <Cell key={status} numeric>
                {formatNumber(point[status])}
              </Cell>
            ))}
            <Cell numeric>{formatNumber(totalOf(point))}</Cell>
          </Row>
        ))}
      </TableBody>
    </Table>
  );
}
