import { CodeBlock } from "../../ui/code-block.tsx";
import styles from "./access-section.module.css";

/** A first record by curl; what is copied has the real token, what is shown does not. */
export function CurlExample({ url, token }: { url: string; token: string }) {
  return (
    <div className={styles.value}>
      <h3 className={styles.name}>Send a record</h3>
      <CodeBlock
        label="curl example"
        code={curlCommand(url, "$WAYBILL_TOKEN")}
        copyValue={curlCommand(url, token)}
      />
      <p className="muted">Copying puts the token in its place.</p>
    </div>
  );
}

function curlCommand(url: string, token: string): string {
  return [
    `curl ${url.replace(/\/$/, "")}/messages \\`,
    `  -H "Authorization: Bearer ${token}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '{"channel": "email", "status": "sent",`,
    `       "destination_subject_ids": ["ana@example.com"], "topic": "Hello"}'`,
  ].join("\n");
}
