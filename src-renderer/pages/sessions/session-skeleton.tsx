import { Skeleton } from "../../ui/states.tsx";
import styles from "./session-page.module.css";

/** About what the page will look like, so that nothing jumps. */
export function SessionSkeleton() {
  return (
    <div className={styles.body} role="status">
      <span className="visually-hidden">Loading the session</span>
      <Skeleton height={104} radius={10} />
      <div className={styles.halves}>
        <Skeleton height={222} radius={10} />
        <Skeleton height={222} radius={10} />
      </div>
      <div className={styles.thirds}>
        <Skeleton height={360} radius={10} />
        <Skeleton height={360} radius={10} />
      </div>
    </div>
  );
}
