import type { Histogram } from "../../../src-shared/contract/messages.ts";
import { messagesHref, useNavigate } from "../../shell/navigation.ts";
import { Card } from "../../ui/card.tsx";
import { highestTotal } from "../messages/bars.ts";
import { HistogramPlot } from "../messages/histogram-plot.tsx";
import { bucketText } from "../messages/period-text.ts";
import { withPeriod } from "../messages/query-edit.ts";
import styles from "./session-page.module.css";
import { sessionQuery } from "./session-query.ts";

const HEIGHT_PX = 132;

/** The session's messages over time; a period of it opens them. */
export function SessionTimeline({ sessionId, timeline }: { sessionId: string; timeline: Histogram }) {
  const navigate = useNavigate();
  const isEmpty = highestTotal(timeline) === 0;
  return (
    <Card
      title="Timeline"
      description={
        isEmpty
          ? "Messages over time"
          : `${bucketText(timeline.bucket_seconds)} a bar; drag over a period to see its messages`
      }
    >
      {isEmpty ? (
        <p className={styles.none}>No messages yet</p>
      ) : (
        <HistogramPlot
          histogram={timeline}
          height={HEIGHT_PX}
          onPeriod={(period) => navigate(messagesHref(withPeriod(sessionQuery(sessionId), period)))}
        />
      )}
    </Card>
  );
}
