import { SINK_TITLES, type SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { useProcedure } from "../../api/hooks.ts";
import { Badge } from "../../ui/badge.tsx";
import { SINK_STATES } from "../sync/sink-meta.ts";
import { TestConnection } from "../sync/test-connection.tsx";
import styles from "./sync-form.module.css";

/** What came of the settings and the environment together, and whether it works. */
export function SinkInUse({ sink, isSaved }: { sink: SinkName; isSaved: boolean }) {
  const status = useProcedure("sync.status", {}).data?.sinks.find((one) => one.sink === sink);
  const look = status === undefined ? null : SINK_STATES[status.state];
  const isOn = status !== undefined && status.state !== "off";
  return (
    <>
      {look !== null && (
        <p className={styles.use}>
          {isOn && status.target !== null ? (
            <>
              In use now: <span className="mono">{status.target}</span>
            </>
          ) : (
            `${SINK_TITLES[sink]} is not connected now.`
          )}{" "}
          <Badge icon={look.icon} tone={look.tone}>
            {look.word}
          </Badge>
        </p>
      )}
      <TestConnection sink={sink} disabled={!isSaved} />
      {!isSaved && <p className="muted">Save first: what is tried is what is saved.</p>}
    </>
  );
}
