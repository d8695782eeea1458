import { type ReactNode, useEffect } from "react";
import { classes } from "./classes.ts";
import styles from "./page.module.css";

export type PageProps = {
  title: ReactNode;
  /** Where the title is not plain text, or the tab should say more. */
  documentTitle?: string | undefined;
  description?: ReactNode;
  actions?: ReactNode;
  /** Under the title: search, filters, a period. */
  toolbar?: ReactNode;
  children: ReactNode;
  /** The page takes the window's height and scrolls inside of itself. */
  fill?: boolean | undefined;
};

export function Page({ title, documentTitle, description, actions, toolbar, children, fill }: PageProps) {
  const name = documentTitle ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    document.title = name === "" ? "Waybill" : `${name} · Waybill`;
  }, [name]);
  return (
    <div className={classes(styles.page, fill && styles.fill)}>
      <header className={styles.header}>
        <div>
          <h1 className={styles.title}>{title}</h1>
          {description && <p className={styles.description}>{description}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {toolbar}
      {children}
    </div>
  );
}
