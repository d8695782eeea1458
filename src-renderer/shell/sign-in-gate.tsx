import { type ReactNode, useState } from "react";
import { toErrorBody, toWaybillError } from "../../src-shared/errors.ts";
import { useCarrier } from "../api/carrier.ts";
import { useConnection } from "../api/connection.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/text-field.tsx";
import { Logo } from "./logo.tsx";
import styles from "./sign-in-gate.module.css";

/** Shows the pages to who is known to the host, the sign-in to everyone else. */
export function SignInGate({ children }: { children: ReactNode }) {
  return useConnection() === "unauthorized" ? <SignIn /> : children;
}

function SignIn() {
  const carrier = useCarrier();
  const [token, setToken] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async () => {
    if (token.trim() === "") {
      setError("Paste the token first.");
      return;
    }
    setBusy(true);
    const reply = await carrier.signIn(token.trim());
    setBusy(false);
    if (!reply.ok) setError(toErrorBody(toWaybillError(reply.error)).message);
  };
  return (
    <main className={styles.page}>
      <title>Sign in · Waybill</title>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Logo size={36} />
        <h1 className={styles.title}>Sign in to Waybill</h1>
        <p className="muted">
          Open the one-time link that the host printed when it started, or paste its API token: it is in the
          file <span className="mono">token</span> in the data directory.
        </p>
        <TextField
          autoComplete="current-password"
          autoFocus
          error={error}
          label="API token"
          type="password"
          value={token}
          onChange={(event) => {
            setToken(event.target.value);
            setError(null);
          }}
        />
        <Button busy={busy} type="submit" variant="primary">
          Sign in
        </Button>
      </form>
    </main>
  );
}
