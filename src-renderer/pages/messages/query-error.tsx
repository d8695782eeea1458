import { CircleAlert } from "lucide-react";
import type { QueryError } from "../../../src-shared/query/parse.ts";
import styles from "./query-field.module.css";

const CONTEXT = 48;

/** What is wrong with a query, and where. */
export function QueryErrorText({ id, text, error }: { id: string; text: string; error: QueryError }) {
  const start = Math.min(error.position, text.length);
  const end = Math.min(start + Math.max(error.length, 1), text.length);
  const before = text.slice(Math.max(0, start - CONTEXT), start);
  const after = text.slice(end, end + CONTEXT);
  return (
    <div id={id} role="alert" className={styles.error}>
      <CircleAlert aria-hidden size={14} className={styles.errorIcon} />
      <div>
        <p className={styles.excerpt}>
          {start > CONTEXT && "…"}
          {before}
          <mark className={styles.mark}>{start === end ? " " : text.slice(start, end)}</mark>
          {after}
          {text.length > end + CONTEXT && "…"}
        </p>
        <p>{error.message}</p>
      </div>
    </div>
  );
}
