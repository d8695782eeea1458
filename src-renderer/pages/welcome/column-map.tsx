import { Select } from "../../ui/select.tsx";
import { type Field, isField, optionsFor } from "./field-options.ts";
import styles from "./import-dialog.module.css";
import { type Column, doubledFields } from "./import-file.ts";

export type ColumnMapProps = {
  columns: readonly Column[];
  onChange: (columns: readonly Column[]) => void;
};

export function ColumnMap({ columns, onChange }: ColumnMapProps) {
  const doubled = doubledFields(columns);
  const setField = (name: string, field: Field | "") =>
    onChange(columns.map((column) => (column.name === name ? { ...column, field } : column)));
  return (
    <div>
      <p className={styles.heading}>What each column holds</p>
      <ul className={styles.columns}>
        {columns.map(({ name, sample, field }) => (
          <li className={styles.column} key={name}>
            <div className="truncate">
              {name}
              <div className={`${styles.sample} truncate`} title={sample}>
                {sample === "" ? "empty in the first rows" : sample}
              </div>
            </div>
            <Select
              error={field !== "" && doubled.has(field) ? "Chosen twice" : null}
              hideLabel
              label={`Field for the column ${name}`}
              options={optionsFor(name)}
              size="sm"
              value={field}
              onValueChange={(value) => setField(name, isField(value) ? value : "")}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}
