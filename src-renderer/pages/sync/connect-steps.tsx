import type { SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { useProcedure } from "../../api/hooks.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import styles from "./sync.module.css";

const LINES: Readonly<Record<SinkName, string>> = {
  rabbitmq: "RABBITMQ_URL=amqp://user:password@broker.example:5672/vhost",
  supabase: "SUPABASE_URL=https://project.supabase.co\nSUPABASE_KEY=the project's secret key",
};

/** How to connect a sink that is off, with the very lines to write. */
export function ConnectSteps({ sink }: { sink: SinkName }) {
  const { data } = useProcedure("access.get", {});
  const file = data === undefined ? ".env in the data folder" : `${data.data_dir}/.env`;
  return (
    <ol className={styles.steps}>
      {sink === "supabase" && (
        <li>
          In the project's SQL editor, run <code className="mono">assets/supabase/waybill.sql</code>.
        </li>
      )}
      <li>
        Write into <code className="mono">{file}</code>, or into the environment:
        <CodeBlock code={LINES[sink]} label="Lines to write" />
      </li>
      <li>Start Waybill again. Everything that is in the ledger by then is sent too.</li>
    </ol>
  );
}
