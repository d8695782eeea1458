import styles from "./failure-template.module.css";

/** `errorTemplate` puts these where messages differ. */
const BLANK = /(<(?:id|url|address|text|n)>)/;

/** The reason of a failure, with what differs from message to message shown as a gap. */
export function FailureTemplate({ text }: { text: string }) {
  const parts = text.split(BLANK).map((part, place) => ({ part, key: `${place} ${part}` }));
  return parts.map(({ part, key }) =>
    BLANK.test(part) ? (
      <span className={styles.blank} key={key}>
        {part.slice(1, -1)}
      </span>
    ) : (
      part
    ),
  );
}
