import { Eye } from "lucide-react";
import type { DeadLetter, ListedLetter } from "../../../src-shared/contract/dead.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/checkbox.tsx";
import { formatBytes, formatNumber } from "../../ui/format.ts";
import { Cell, HeaderCell, Row, Table, TableBody, TableHead } from "../../ui/table.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";
import styles from "./dead-card.module.css";

type DeadTableProps = {
  letters: readonly ListedLetter[];
  /** By their ids. */
  picked: ReadonlySet<string>;
  onPick: (picked: ReadonlySet<string>) => void;
  onOpen: (letter: ListedLetter) => void;
};

export function DeadTable({ letters, picked, onPick, onOpen }: DeadTableProps) {
  const named = letters.flatMap(({ id }) => id ?? []);
  const count = named.filter((id) => picked.has(id)).length;
  const pick = (id: string, isPicked: boolean) => {
    const next = new Set(picked);
    if (isPicked) next.add(id);
    else next.delete(id);
    onPick(next);
  };
  return (
    <div className={styles.table}>
      <Table caption="Dead messages, oldest first">
        <TableHead>
          <HeaderCell width={40}>
            <Checkbox
              label="Select all that are shown"
              hideLabel
              checked={count === 0 ? false : count === named.length || "indeterminate"}
              onCheckedChange={(all) => onPick(new Set(all ? named : []))}
            />
          </HeaderCell>
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
              isPicked={letter.id !== null && picked.has(letter.id)}
              onPick={pick}
              onOpen={() => onOpen(letter)}
            />
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

type DeadRowProps = {
  letter: ListedLetter;
  isPicked: boolean;
  onPick: (id: string, isPicked: boolean) => void;
  onOpen: () => void;
};

function DeadRow({ letter, isPicked, onPick, onOpen }: DeadRowProps) {
  const { id, reason, count, last_death_ts, bytes, preview } = letter;
  const why = reason ?? "Another program put it there: it goes back, or is dropped, with all.";
  return (
    <Row selected={isPicked}>
      <Cell>
        {id !== null && (
          <Checkbox
            label={`Select ${id}`}
            hideLabel
            checked={isPicked}
            onCheckedChange={(isChosen) => onPick(id, isChosen)}
          />
        )}
      </Cell>
      <Cell>
        <p className={styles.preview}>{preview || "(empty)"}</p>
        <p className={styles.note}>
          {originOf(letter)}, {formatBytes(bytes)}
        </p>
        {/* What a narrow table has no columns for. */}
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
