import type { UseQueryResult } from "@tanstack/react-query";
import { CircleAlert, Inbox, type LucideIcon, RotateCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { toErrorBody } from "../../src-shared/errors.ts";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";
import styles from "./states.module.css";

export type EmptyStateProps = {
  icon?: LucideIcon | undefined;
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
};

export function EmptyState({ icon: Icon = Inbox, title, description, actions }: EmptyStateProps) {
  return (
    <div className={styles.state}>
      <span className={styles.badge}>
        <Icon aria-hidden size={18} />
      </span>
      <p className={styles.title}>{title}</p>
      {description && <div className={styles.description}>{description}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

export type ErrorStateProps = {
  error: unknown;
  title?: string | undefined;
  onRetry?: (() => void) | undefined;
};

export function ErrorState({ error, title = "This could not be loaded", onRetry }: ErrorStateProps) {
  return (
    <div className={styles.state} role="alert">
      <span className={classes(styles.badge, styles.badgeDanger)}>
        <CircleAlert aria-hidden size={18} />
      </span>
      <p className={styles.title}>{title}</p>
      <p className={styles.description}>{toErrorBody(error).message}</p>
      {onRetry && (
        <div className={styles.actions}>
          <Button icon={RotateCw} onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}

export type SkeletonProps = {
  width?: number | string | undefined;
  height?: number | string | undefined;
  radius?: number | string | undefined;
};

/** Holds the place of what is loading, in its size, so that nothing jumps. */
export function Skeleton({ width = "100%", height = 14, radius = 4 }: SkeletonProps) {
  return <span aria-hidden className={styles.skeleton} style={{ width, height, borderRadius: radius }} />;
}

const WIDTHS = ["38%", "18%", "24%", "12%", "30%", "16%"] as const;

export function SkeletonRows({ rows, columns = 4 }: { rows: number; columns?: number }) {
  return (
    <div aria-busy="true" role="status">
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
        <div className={styles.skeletonRow} key={row}>
          {Array.from({ length: columns }, (_, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <Skeleton key={column} width={WIDTHS[(row + column) % WIDTHS.length]} />
          ))}
        </div>
      ))}
    </div>
  );
}

export type DataStateProps<T> = {
  query: Pick<UseQueryResult<T, unknown>, "data" | "error"> & { refetch: () => unknown };
  loading: ReactNode;
  children: (data: T) => ReactNode;
};

/** Loading, failure, data; a refresh that failed keeps the old data and says so. */
export function DataState<T>({ query, loading, children }: DataStateProps<T>) {
  const { data, error, refetch } = query;
  if (data === undefined) {
    return error === null ? loading : <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  return (
    <>
      {error !== null && (
        <div className={styles.stale} role="status">
          <TriangleAlert aria-hidden size={14} />
          <span>These figures may be old: {toErrorBody(error).message}</span>
          <Button size="sm" variant="ghost" onClick={() => void refetch()}>
            Try again
          </Button>
        </div>
      )}
      {children(data)}
    </>
  );
}
