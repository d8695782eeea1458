import { Pencil } from "lucide-react";
import type { Parked } from "../../../src-shared/contract/sync.ts";
import { SINK_TITLES } from "../../../src-shared/contract/sync-counts.ts";
import { sessionHref } from "../../shell/navigation.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import { Cell, HeaderCell, Row, Table, TableBody, TableHead } from "../../ui/table.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";
import styles from "./parked-card.module.css";
import { PickAllCell, PickCell, type Picking } from "./pick-cells.tsx";

export function parkedKey({ sink, what, position }: Parked): string {
  return `${sink} ${what} ${position}`;
}

/** Picked by `parkedKey`. */
type ParkedTableProps = Picking & {
  parked: readonly Parked[];
  onEdit: (parked: Parked) => void;
};

export function ParkedTable({ parked, picked, onPick, onEdit }: ParkedTableProps) {
  return (
    <div className={styles.table}>
      <Table caption="Parked records, newest first">
        <TableHead>
          <PickAllCell keys={parked.map(parkedKey)} picked={picked} onPick={onPick} />
          <HeaderCell width={96}>Sink</HeaderCell>
          <HeaderCell>Record</HeaderCell>
          <HeaderCell>Why</HeaderCell>
          <HeaderCell width={130}>Since</HeaderCell>
          <HeaderCell numeric width={64}>
            Tries
          </HeaderCell>
          <HeaderCell width={84}>
            <span className="visually-hidden">Actions</span>
          </HeaderCell>
        </TableHead>
        <TableBody>
          {parked.map((one) => (
            <ParkedRow
              key={parkedKey(one)}
              parked={one}
              picked={picked}
              onPick={onPick}
              onEdit={() => onEdit(one)}
            />
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

type ParkedRowProps = Picking & { parked: Parked; onEdit: () => void };

function ParkedRow({ parked, picked, onPick, onEdit }: ParkedRowProps) {
  const { sink, what, id, revision, reason, parked_ts, attempts, retrying, edited } = parked;
  const isMessage = what === "message";
  const name = `${what} ${id}, revision ${revision}`;
  return (
    <Row selected={picked.has(parkedKey(parked))}>
      <PickCell row={parkedKey(parked)} name={name} picked={picked} onPick={onPick} />
      <Cell>{SINK_TITLES[sink]}</Cell>
      <Cell>
        <p className={styles.record}>
          <Link
            className="mono"
            href={isMessage ? `/messages?${new URLSearchParams({ message: id })}` : sessionHref(id)}
          >
            {id}
          </Link>
        </p>
        <p className={styles.note}>
          {isMessage ? "Message" : "Session"}, revision {formatNumber(revision)}{" "}
          {edited && <Badge tone="info">Edited</Badge>} {retrying && <Badge tone="info">On its way</Badge>}
        </p>
        <div className={styles.narrow}>
          <p>{reason}</p>
          <p className={styles.note}>
            {SINK_TITLES[sink]}, <RelativeTime ts={parked_ts} />
          </p>
        </div>
      </Cell>
      <Cell>
        <span className={styles.record}>{reason}</span>
      </Cell>
      <Cell>
        <RelativeTime ts={parked_ts} />
      </Cell>
      <Cell numeric>{formatNumber(attempts)}</Cell>
      <Cell>
        <Button icon={Pencil} size="sm" aria-label={`Edit ${name}`} onClick={onEdit}>
          Edit…
        </Button>
      </Cell>
    </Row>
  );
}
