import { Eye } from "lucide-react";
import type { DeadLetter, ListedLetter } from "../../../src-shared/contract/dead.ts";
import { Button } from "../../ui/button.tsx";
import { formatBytes, formatNumber } from "../../ui/format.ts";
import { Cell, HeaderCell, Row, Table, TableBody, TableHead } from "../../ui/table.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";
import styles from "./dead-card.module.css";
import { PickAllCell, PickCell, type Picking } from "./pick-cells.tsx";

type DeadTableProps = Picking & {
  letters: readonly ListedLetter[];
  onOpen: (letter: ListedLetter) => void;
};

export function DeadTable({ letters, picked, onPick, onOpen }: DeadTableProps) {
  return (
    <div className={styles.table}>
      <Table caption="Dead messages, oldest first">
        <TableHead>
          <PickAllCell keys={letters.flatMap(({ id }) => id ?? [])} picked={picked} onPick={onPick} />
          <HeaderCell>Message</HeaderCell>
          <HeaderCell>Why</HeaderCell>
          <HeaderCell width={130}>Died</HeaderCell>
          <HeaderCell numeric width={64}>
            Times
          </HeaderCell>
          <HeaderCell width={84}>
            <span className="visually-hidden">Actions</span>
          </HeaderCell>
        </TableHead>
        <TableBody>
          {letters.map((letter, index) => (
            <DeadRow
              // One without an id has no other name.
              key={letter.id ?? `at ${index}`}
              letter={letter}
              picked={picked}
              onPick={onPick}
              onOpen={() => onOpen(letter)}
            />
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

type DeadRowProps = Picking & { letter: ListedLetter; onOpen: () => void };

function DeadRow({ letter, picked, onPick, onOpen }: DeadRowProps) {
  const { id, reason, count, last_death_ts, bytes, preview } = letter;
  const why = reason ?? "Another program put it there: it goes back, or is dropped, with all.";
  return (
    <Row selected={id !== null && picked.has(id)}>
      {id === null ? <Cell /> : <PickCell row={id} name={id} picked={picked} onPick={onPick} />}
      <Cell>
        <p className={styles.preview}>{preview || "(empty)"}</p>
        <p className={styles.note}>
          {originOf(letter)}, {formatBytes(bytes)}
        </p>
        <div className={styles.narrow}>
          <p>{why}</p>
          {last_death_ts !== null && (
            <p className={styles.note}>
              died <RelativeTime ts={last_death_ts} />
              {count > 1 && `, ${formatNumber(count)} times`}
            </p>
          )}
        </div>
      </Cell>
      <Cell>
        <span className={styles.why}>{why}</span>
      </Cell>
      <Cell>{last_death_ts === null ? "–" : <RelativeTime ts={last_death_ts} />}</Cell>
      <Cell numeric>{count > 0 ? formatNumber(count) : "–"}</Cell>
      <Cell>
        {id !== null && (
          <Button icon={Eye} size="sm" aria-label={`Look at ${id}`} onClick={onOpen}>
            Look…
          </Button>
        )}
      </Cell>
    </Row>
  );
}

/** Where it was sent to. */
export function originOf({ queue, exchange, routing_key }: DeadLetter): string {
  if (exchange) return `by ${exchange}, key ${routing_key ?? "none"}`;
  return queue === null ? "not known where from" : `straight to ${queue}`;
}
