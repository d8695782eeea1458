import { classes } from "./classes.ts";
import styles from "./code-block.module.css";
import { CopyButton, type CopyButtonProps } from "./copy-button.tsx";

export type CodeBlockProps = {
  code: string;
  /** What is copied, where it differs from what is shown: a masked secret. */
  copyValue?: CopyButtonProps["value"] | undefined;
  label: string;
  wrap?: boolean | undefined;
};

export function CodeBlock({ code, copyValue = code, label, wrap = false }: CodeBlockProps) {
  return (
    <div className={styles.block}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section aria-label={label} className={styles.scroll} tabIndex={0}>
        <pre className={classes(styles.code, wrap && styles.wrap)}>
          <code>{code}</code>
        </pre>
      </section>
      <div className={styles.copy}>
        <CopyButton label={`Copy ${label}`} value={copyValue} />
      </div>
    </div>
  );
}
