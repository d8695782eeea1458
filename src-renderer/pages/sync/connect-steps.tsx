import { SINK_TITLES, type SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { useProcedure } from "../../api/hooks.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Link } from "../../ui/link.tsx";
import { CopySqlButton } from "./copy-sql-button.tsx";
import { envFile } from "./env-file.ts";
import styles from "./sink-card.module.css";

const LINES: Readonly<Record<SinkName, string>> = {
  rabbitmq: "RABBITMQ_URL=amqp://user:password@broker.example:5672/vhost",
  supabase: "SUPABASE_URL=https://project.supabase.co\nSUPABASE_KEY=sb_secret_…",
};

const PURPOSES: Readonly<Record<SinkName, string>> = {
  rabbitmq: "Each record, and each change of its status, as a message to your consumers, in order.",
  supabase: "Each message and session as a row of your project, always as it is now.",
};

/** How to connect a sink that is off, with the very lines to write. */
export function ConnectSteps({ sink }: { sink: SinkName }) {
  const title = SINK_TITLES[sink];
  const dataDir = useProcedure("access.get", {}).data?.data_dir;
  const isSwitchedOff = useProcedure("settings.get", {}).data?.sync[sink].enabled === false;
  if (isSwitchedOff) {
    return (
      <p>
        Forwarding to {title} is switched off in the <Link href="/settings">Settings</Link>. Once it is
        switched on again, everything that was accepted meanwhile is sent, too.
      </p>
    );
  }
  return (
    <>
      <p className="muted">{PURPOSES[sink]} To connect it:</p>
      <ol className={styles.steps}>
        {sink === "supabase" && (
          <li>
            In the project's SQL editor, run <code className="mono">assets/supabase/waybill.sql</code>, which
            comes with Waybill. It makes the tables. <CopySqlButton />
          </li>
        )}
        <li>
          Write {sink === "supabase" ? "these lines" : "this line"}, with what is yours, into{" "}
          <code className="mono">{envFile(dataDir)}</code>, or set {sink === "supabase" ? "them" : "it"} in
          the environment:
          <CodeBlock code={LINES[sink]} label={`lines for ${title}`} wrap />
        </li>
        <li>Start Waybill again. All that is in the ledger by then is sent, too.</li>
      </ol>
      <p className="muted">
        {sink === "rabbitmq" ? (
          <>
            Or write the host, the user and TLS in the <Link href="/settings">Settings</Link>, and only the
            password, as <code className="mono">RABBITMQ_PASSWORD</code>, into that file.
          </>
        ) : (
          <>
            Or write the address in the <Link href="/settings">Settings</Link>, and only the key, as{" "}
            <code className="mono">SUPABASE_KEY</code>, into that file.
          </>
        )}{" "}
        Secrets are never shown or kept here.
      </p>
    </>
  );
}
