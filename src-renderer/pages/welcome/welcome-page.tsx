import { FileUp, SquareTerminal, Terminal } from "lucide-react";
import { useEffect, useState } from "react";
import { useLedgerChanged } from "../../api/events.ts";
import { useProcedure } from "../../api/hooks.ts";
import { Logo } from "../../shell/logo.tsx";
import { Card } from "../../ui/card.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { DataState, Skeleton } from "../../ui/states.tsx";
import { DemoCard } from "./demo-card.tsx";
import { Dropzone } from "./dropzone.tsx";
import { cliSnippet, curlSnippet } from "./first-record.ts";
import { ImportDialog } from "./import-dialog.tsx";
import styles from "./welcome-page.module.css";

/** As soon as the eye can tell, but not for each row of an import. */
const AT_ONCE_MS = 250;

export type WelcomePageProps = {
  /** Told as soon as something came in. */
  onFirstRecord: () => void;
  /** True while an import or the demo is to be seen to its end, whatever has come in already. */
  onHold: (held: boolean) => void;
};

/** The empty ledger: how to send the first record. */
export function WelcomePage({ onFirstRecord, onHold }: WelcomePageProps) {
  const [file, setFile] = useState<File | null>(null);
  const [importing, setImporting] = useState(false);
  useLedgerChanged(onFirstRecord, { throttleMs: AT_ONCE_MS });
  useEffect(() => {
    document.title = "Welcome · Waybill";
  }, []);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <Logo size={40} />
        <h1 className={styles.title}>Send the first record</h1>
        <p className={styles.lead}>
          Waybill keeps the record of every message your systems send. The ledger is open and empty; pick any
          way in. This page turns into the overview as soon as a record arrives.
        </p>
        <p className={styles.listening} role="status">
          <span aria-hidden className={styles.pulse} /> Waiting for the first record
        </p>
      </header>
      <div className={styles.grid}>
        <div className={styles.wide}>
          <CurlCard />
        </div>
        <div className={styles.wide}>
          <Card
            title={
              <span className={styles.cardTitle}>
                <SquareTerminal aria-hidden size={15} /> Log from the command line
              </span>
            }
          >
            <CodeBlock code={cliSnippet()} label="command" wrap />
          </Card>
        </div>
        <Card
          title={
            <span className={styles.cardTitle}>
              <FileUp aria-hidden size={15} /> Import a file
            </span>
          }
        >
          <Dropzone
            onFile={(dropped) => {
              setFile(dropped);
              setImporting(true);
              onHold(true);
            }}
          />
        </Card>
        <DemoCard onHold={onHold} />
      </div>
      <ImportDialog
        file={file}
        open={importing}
        onOpenChange={(open) => {
          setImporting(open);
          if (!open) {
            setFile(null);
            onFirstRecord();
            onHold(false);
          }
        }}
      />
    </div>
  );
}

function CurlCard() {
  const access = useProcedure("access.get", {});
  return (
    <Card
      description="The token is masked here and copied for real."
      title={
        <span className={styles.cardTitle}>
          <Terminal aria-hidden size={15} /> Send it over HTTP
        </span>
      }
    >
      <DataState loading={<Skeleton height={104} radius={6} />} query={access}>
        {({ url, token }) => {
          const { shown, copied } = curlSnippet(url, token);
          return <CodeBlock code={shown} copyValue={copied} label="curl command" wrap />;
        }}
      </DataState>
    </Card>
  );
}
