import { Pencil } from "lucide-react";
import type { Parked } from "../../../src-shared/contract/sync.ts";
import { SINK_TITLES } from "../../../src-shared/contract/sync-counts.ts";
import { sessionHref } from "../../shell/navigation.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/checkbox.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import { Cell, HeaderCell, Row, Table, TableBody, TableHead } from "../../ui/table.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";
import styles from "./parked-card.module.css";

export function parkedKey({ sink, what, position }: Parked): string {
  return `${sink} ${what} ${position}`;
}

type ParkedTableProps = {
  parked: readonly Parked[];
  /** By `parkedKey`. */
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onEdit: (parked: Parked) => void;
};

export function ParkedTable({ parked, chosen, onChoose, onEdit }: ParkedTableProps) {
  const shown = parked.map(parkedKey);
  const picked = shown.filter((key) => chosen.has(key)).length;
  const choose = (key: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(key);
    else next.delete(key);
    onChoose(next);
  };
  return (
    <div className={styles.table}>
      <Table caption="Parked records, newest first">
        <TableHead>
          <HeaderCell width={40}>
            <Checkbox
              label="Select all that are shown"
              hideLabel
              checked={picked === 0 ? false : picked === shown.length || "indeterminate"}
              onCheckedChange={(all) => onChoose(new Set(all ? shown : []))}
            />
          </HeaderCell>
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
              isChosen={chosen.has(parkedKey(one))}
              onChoose={(isChosen) => choose(parkedKey(one), isChosen)}
              onEdit={() => onEdit(one)}
            />
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

type ParkedRowProps = {
  parked: Parked;
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
  onEdit: () => void;
};

function ParkedRow({ parked, isChosen, onChoose, onEdit }: ParkedRowProps) {
  const { sink, what, id, revision, reason, parked_ts, attempts, retrying, edited } = parked;
  const isMessage = what === "message";
  const name = `${what} ${id}, revision ${revision}`;
  return (
    <Row selected={isChosen}>
      <Cell>
        <Checkbox label={`Select ${name}`} hideLabel checked={isChosen} onCheckedChange={onChoose} />
      </Cell>
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
        {/* What a narrow table has no columns for. */}
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
