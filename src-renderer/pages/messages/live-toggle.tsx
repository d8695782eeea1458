import { useConnection } from "../../api/connection.ts";
import { Button } from "../../ui/button.tsx";
import { classes } from "../../ui/classes.ts";
import styles from "./messages-page.module.css";

/** The live tail, on or off. */
export function LiveToggle({ live, onLive }: { live: boolean; onLive: (live: boolean) => void }) {
  const connection = useConnection();
  const isOpen = connection === "open";
  return (
    <Button
      aria-pressed={live}
      title={
        live ? "New messages appear as they are accepted (T)" : "Show new messages as they are accepted (T)"
      }
      onClick={() => onLive(!live)}
    >
      <span className={classes(styles.liveDot, live && isOpen && styles.liveDotOn)} aria-hidden />
      {live && !isOpen ? "Live, reconnecting" : "Live"}
    </Button>
  );
}
