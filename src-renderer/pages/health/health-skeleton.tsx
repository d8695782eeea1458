import { Skeleton } from "../../ui/states.tsx";
import styles from "./health-page.module.css";

export function HealthSkeleton() {
  return (
    <div className={styles.page}>
      <Skeleton height={84} />
      <div className={styles.columns}>
        <Skeleton height={340} />
        <Skeleton height={340} />
      </div>
    </div>
  );
}
