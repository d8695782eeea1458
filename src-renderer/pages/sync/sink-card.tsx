import { Pause, Play, PlugZap, RotateCw, Send } from "lucide-react";
import { useEffect, useState } from "react";
import type { SinkStatus } from "../../../src-shared/contract/sync.ts";
import { useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber, plural } from "../../ui/format.ts";
import { FieldError } from "../../ui/text-field.tsx";
import { RelativeTime, Timestamp } from "../../ui/timestamp.tsx";
import { ConnectSteps } from "./connect-steps.tsx";
import { about, untilText } from "./forecast.ts";
import { ResendDialog } from "./resend-dialog.tsx";
import { SINK_STATES, SINK_TITLES } from "./sink-meta.ts";
import { SinkSum } from "./sink-sum.tsx";
import styles from "./sync.module.css";

const TICK_MS = 1_000;

/** One sink: how it is in a word and a sentence, its figures, and what can be done. */
export function SinkCard({ sink }: { sink: SinkStatus }) {
  const title = SINK_TITLES[sink.sink];
  const { word, icon, tone } = SINK_STATES[sink.state];
  const isOn = sink.state !== "off";
  return (
    <Card title={title}>
      <div className={styles.headline}>
        <Badge icon={icon} tone={tone}>
          {word}
        </Badge>
        {sink.target !== null && isOn && <span className={`${styles.target} mono`}>{sink.target}</span>}
      </div>
      {/* Told once when it changes, not with every refresh of the figures. */}
      <p className={styles.message} role="status">
        {sink.message}
      </p>
      {sink.is_behind && (
        <p className={styles.warning}>
          It is further behind than the settings allow without a warning. Nothing is lost: what waits is kept
          until it is sent.
        </p>
      )}
      {isOn ? (
        <>
          <SinkSum counts={sink.counts} />
          <SinkFacts sink={sink} />
        </>
      ) : (
        <ConnectSteps sink={sink.sink} />
      )}
      <SinkActions sink={sink} />
    </Card>
  );
}

function SinkFacts({ sink }: { sink: SinkStatus }) {
  const now = useNow();
  const { counts, sessions, oldest_pending_ts, done_by_ts, last_delivered_ts, last_error, next_try_ts } =
    sink;
  return (
    <dl className={styles.facts}>
      {sink.rate_per_second > 0 && (
        <>
          <dt>Speed</dt>
          <dd>{formatNumber(Math.round(sink.rate_per_second))} a second</dd>
        </>
      )}
      {counts.pending > 0 && oldest_pending_ts !== null && (
        <>
          <dt>Oldest waiting</dt>
          <dd>
            accepted <RelativeTime ts={oldest_pending_ts} />
          </dd>
        </>
      )}
      {done_by_ts !== null && (
        <>
          <dt>Done in</dt>
          <dd>{about(Date.parse(done_by_ts) - now)}</dd>
        </>
      )}
      {sink.resending > 0 && (
        <>
          <dt>Sent once more</dt>
          <dd>{plural(sink.resending, "change")} left</dd>
        </>
      )}
      {sessions !== null && (
        <>
          <dt>Sessions</dt>
          <dd>
            {formatNumber(sessions.delivered)} delivered, {formatNumber(sessions.pending)} waiting
            {sessions.parked > 0 && `, ${formatNumber(sessions.parked)} parked`}
          </dd>
        </>
      )}
      <dt>Last delivered</dt>
      <dd>{last_delivered_ts === null ? "nothing yet" : <RelativeTime ts={last_delivered_ts} />}</dd>
      {last_error !== null && (
        <>
          <dt>Last error</dt>
          <dd>
            <Timestamp ts={last_error.ts} format="short" seconds />: {last_error.message}
          </dd>
        </>
      )}
      {next_try_ts !== null && (
        <>
          <dt>Next try</dt>
          <dd>{untilText(next_try_ts, now)}</dd>
        </>
      )}
    </dl>
  );
}

function SinkActions({ sink: { sink, state } }: { sink: SinkStatus }) {
  const invalidate = useInvalidate();
  const [resending, setResending] = useState(false);
  const onSettled = () => invalidate("sync.status");
  const pause = useMutationProcedure("sync.pause", { onSettled });
  const resume = useMutationProcedure("sync.resume", { onSettled });
  const urge = useMutationProcedure("sync.retry", { onSettled });
  const test = useMutationProcedure("sync.test");
  const isOn = state !== "off";
  const error = pause.error ?? resume.error ?? urge.error ?? test.error;
  return (
    <>
      <div className={styles.actions}>
        {(state === "retrying" || state === "stopped") && (
          <Button
            icon={RotateCw}
            variant="primary"
            busy={urge.isPending}
            onClick={() => urge.mutate({ sink, parked: null })}
          >
            Try now
          </Button>
        )}
        <Button icon={PlugZap} busy={test.isPending} onClick={() => test.mutate({ sink })}>
          Test connection
        </Button>
        {isOn &&
          (state === "paused" ? (
            <Button
              icon={Play}
              variant="primary"
              busy={resume.isPending}
              onClick={() => resume.mutate({ sink })}
            >
              Resume
            </Button>
          ) : (
            <Button icon={Pause} busy={pause.isPending} onClick={() => pause.mutate({ sink })}>
              Pause
            </Button>
          ))}
        {isOn && (
          <Button icon={Send} onClick={() => setResending(true)}>
            Send a period again…
          </Button>
        )}
      </div>
      <div aria-live="polite">
        {test.data !== undefined && !test.isPending && (
          <p className={styles.tested}>
            <Badge tone={test.data.ok ? "success" : "danger"}>
              {test.data.ok ? "It works" : "It does not work"}
            </Badge>{" "}
            {test.data.message}
          </p>
        )}
      </div>
      <FieldError error={error?.message} id={`${sink}-error`} />
      {resending && <ResendDialog sink={sink} onClose={() => setResending(false)} />}
    </>
  );
}

/** The present, once a second: forecasts and countdowns go by it. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
