import { type ReactNode, useId } from "react";
import styles from "./settings-section.module.css";

type SettingsSectionProps = { title: string; description: ReactNode; children: ReactNode };

/** A name and what it means on the left, the controls on the right. */
export function SettingsSection({ title, description, children }: SettingsSectionProps) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <div>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        <p className="muted">{description}</p>
      </div>
      <div className={styles.controls}>{children}</div>
    </section>
  );
}
