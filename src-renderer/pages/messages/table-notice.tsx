import { TriangleAlert } from "lucide-react";
import type { WaybillError } from "../../../src-shared/errors.ts";
import { Button } from "../../ui/button.tsx";
import styles from "./messages-page.module.css";

/** What failed while the last good rows stay. */
export function TableNotice({ error, onRetry }: { error: WaybillError; onRetry: () => void }) {
  return (
    <div className={styles.notice} role="alert">
      <TriangleAlert aria-hidden size={14} />
      <span className={styles.noticeText}>These rows may be old: {error.message}</span>
      <Button size="sm" variant="ghost" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
