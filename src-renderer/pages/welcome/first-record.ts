const RECORD = {
  channel: "email",
  status: "sent",
  destination_subject_ids: ["ada@example.com"],
  content_preview: "Hello from Waybill",
};

export type Snippet = { shown: string; copied: string };

/** The first record by curl; what is shown has the token masked. */
export function curlSnippet(url: string, token: string): Snippet {
  const write = (secret: string) =>
    [
      `curl ${url}/messages \\`,
      `  -H "Authorization: Bearer ${secret}" \\`,
      `  -H "Content-Type: application/json" \\`,
      `  -d '${JSON.stringify(RECORD)}'`,
    ].join("\n");
  return { shown: write("••••••••••••"), copied: write(token) };
}

export function cliSnippet(): string {
  return `echo '${JSON.stringify({ ...RECORD, channel: "sms" })}' \\\n  | npx waybill log --ack`;
}
