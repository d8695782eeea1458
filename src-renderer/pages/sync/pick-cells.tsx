import { Checkbox } from "../../ui/checkbox.tsx";
import { Cell, HeaderCell } from "../../ui/table.tsx";

/** The rows of a table that are picked, by their keys. */
export type Picking = {
  picked: ReadonlySet<string>;
  onPick: (picked: ReadonlySet<string>) => void;
};

/** Picks all rows, `keys`, or none. */
export function PickAllCell({ keys, picked, onPick }: Picking & { keys: readonly string[] }) {
  const count = keys.filter((key) => picked.has(key)).length;
  return (
    <HeaderCell width={40}>
      <Checkbox
        label="Select all that are shown"
        hideLabel
        checked={count === 0 ? false : count === keys.length || "indeterminate"}
        onCheckedChange={(all) => onPick(new Set(all ? keys : []))}
      />
    </HeaderCell>
  );
}

/** Picks one row. */
export function PickCell({ row, name, picked, onPick }: Picking & { row: string; name: string }) {
  const pick = (isPicked: boolean): void => {
    const next = new Set(picked);
    if (isPicked) next.add(row);
    else next.delete(row);
    onPick(next);
  };
  return (
    <Cell>
      <Checkbox label={`Select ${name}`} hideLabel checked={picked.has(row)} onCheckedChange={pick} />
    </Cell>
  );
}
