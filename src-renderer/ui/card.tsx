import { type ReactNode, useId } from "react";
import styles from "./card.module.css";
import { classes } from "./classes.ts";

export type CardProps = {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** No padding around the content: for tables and lists that reach the edges. */
  flush?: boolean | undefined;
  as?: "h2" | "h3" | undefined;
  className?: string | undefined;
};

export function Card({
  title,
  description,
  actions,
  children,
  flush,
  as: Heading = "h2",
  className,
}: CardProps) {
  const id = useId();
  return (
    <section aria-labelledby={title ? id : undefined} className={classes(styles.card, className)}>
      {(title || actions) && (
        <header className={styles.header}>
          <div>
            {title && (
              <Heading className={styles.title} id={id}>
                {title}
              </Heading>
            )}
            {description && <p className={styles.description}>{description}</p>}
          </div>
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      <div className={classes(styles.body, flush && styles.flush)}>{children}</div>
    </section>
  );
}
