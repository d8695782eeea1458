import type { ReactNode } from "react";
import type { Fingerprints } from "../../../src-shared/contract/statistics.ts";
import { HeaderCell, Table, TableBody, TableHead } from "../../ui/table.tsx";
import { type Order, sortFingerprints, toOrder } from "./fingerprint-order.ts";
import { FingerprintRow } from "./fingerprint-row.tsx";

export type FingerprintTableProps = {
  data: Fingerprints;
  /** The time shown, in the query language. */
  query: string;
  sort: string;
  direction: "asc" | "desc";
  onSort: (sort: Order, direction: "asc" | "desc") => void;
};

export function FingerprintTable({ data, query, sort, direction, onSort }: FingerprintTableProps) {
  const order = toOrder(sort);
  const most = Math.max(...data.fingerprints.map(({ count }) => count), 1);
  const header = (own: Order, label: ReactNode, width: number, numeric = true) => (
    <HeaderCell
      numeric={numeric}
      wide={own !== "count"}
      width={width}
      sort={order === own ? direction : null}
      onSort={() => onSort(own, order === own && direction === "desc" ? "asc" : "desc")}
    >
      {label}
    </HeaderCell>
  );
  return (
    <Table caption="Reasons of failures">
      <TableHead>
        <HeaderCell>Reason</HeaderCell>
        <HeaderCell wide width={104}>
          Trend
        </HeaderCell>
        {header("count", "Failures", 128)}
        {header("change", "Change", 132)}
        {header("sessions", <span title="Sessions that ever met it">Sessions</span>, 104)}
        {header("first", "First seen", 124, false)}
        {header("last", "Last seen", 124, false)}
      </TableHead>
      <TableBody>
        {sortFingerprints(data.fingerprints, order, direction).map((fingerprint) => (
          <FingerprintRow
            key={fingerprint.id}
            fingerprint={fingerprint}
            total={data.total}
            most={most}
            query={query}
          />
        ))}
      </TableBody>
    </Table>
  );
}
