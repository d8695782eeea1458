import { CircleCheck } from "lucide-react";
import { errorTemplateId } from "../../../src-shared/error-template.ts";
import type { Session } from "../../../src-shared/session.ts";
import { messagesHref } from "../../shell/navigation.ts";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import styles from "./session-page.module.css";
import { sessionQuery } from "./session-query.ts";

/** Why messages failed, the most frequent reason first; each leads to its messages. */
export function SessionErrors({ session }: { session: Session }) {
  const most = session.errors[0]?.count ?? 0;
  return (
    <Card title="Errors" description={session.errors.length === 0 ? undefined : "The most frequent first"}>
      {session.errors.length === 0 ? (
        <p className={styles.good}>
          <CircleCheck aria-hidden size={16} />
          No message of this session met an error.
        </p>
      ) : (
        <ol className={styles.errors}>
          {session.errors.map(({ text, count }) => (
            <li key={text}>
              <Link
                href={messagesHref(sessionQuery(session.session_id, `reason:${errorTemplateId(text)}`))}
                className={styles.error}
              >
                <span className={styles.errorText}>{text}</span>
                <span className={styles.errorCount}>{formatNumber(count)}</span>
                <span className={styles.errorTrack}>
                  <span className={styles.errorBar} style={{ width: `${(count / most) * 100}%` }} />
                </span>
              </Link>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
