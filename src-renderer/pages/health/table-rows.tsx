import type { Health } from "../../../src-shared/contract/upkeep.ts";
import { formatNumber } from "../../ui/format.ts";
import styles from "./table-rows.module.css";

/** How many rows each table holds. */
export function TableRows({ tables }: { tables: Health["database"]["tables"] }) {
  return (
    <table className={styles.table}>
      <caption className="visually-hidden">Rows per table</caption>
      <thead>
        <tr>
          <th scope="col">Table</th>
          <th scope="col">Rows</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(tables)
          .sort(([, a], [, b]) => b - a)
          .map(([name, rows]) => (
            <tr key={name}>
              <td className="mono">{name}</td>
              <td className="tabular">{formatNumber(rows)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
