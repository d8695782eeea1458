import { Eye, EyeOff, RefreshCw } from "lucide-react";
import { useId, useState } from "react";
import { useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { useToast } from "../../ui/toast.tsx";
import styles from "./access-section.module.css";
import lines from "./value-line.module.css";

const MASK = "•".repeat(24);

export function TokenControl({ token }: { token: string }) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const toast = useToast();
  const invalidate = useInvalidate();
  const rotate = useMutationProcedure("access.rotateToken", {
    onSuccess: () => {
      invalidate("access.get");
      toast.show({
        title: "New token made",
        description: "Give it to your programs: the old one no longer works.",
        tone: "success",
      });
    },
    onSettled: () => setConfirming(false),
  });

  return (
    <div className={styles.value}>
      <h3 className={styles.name}>Token</h3>
      <p className={lines.line}>
        <code className={lines.value}>
          {shown ? (
            token
          ) : (
            <>
              <span aria-hidden>{MASK}</span>
              <span className="visually-hidden">Hidden</span>
            </>
          )}
        </code>
        <IconButton
          icon={shown ? EyeOff : Eye}
          label={shown ? "Hide the token" : "Show the token"}
          size="sm"
          onClick={() => setShown(!shown)}
        />
        <CopyButton value={token} label="Copy the token" />
        <Button size="sm" icon={RefreshCw} onClick={() => setConfirming(true)}>
          Rotate…
        </Button>
      </p>
      <FieldError error={rotate.error?.message} id={`${id}-error`} />
      <ConfirmDialog
        open={confirming}
        onOpenChange={setConfirming}
        title="Make a new token?"
        description={
          <>
            <p>The old token ends at once: programs that use it get 401 until they have the new one.</p>
            <p>This browser stays signed in; others have to sign in again.</p>
          </>
        }
        confirmLabel="Make a new token"
        danger
        busy={rotate.isPending}
        onConfirm={() => rotate.mutate({})}
      />
    </div>
  );
}
