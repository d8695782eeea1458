import { FileUp } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { classes } from "../../ui/classes.ts";
import styles from "./dropzone.module.css";

const ACCEPTED = ".csv,.json,.ndjson,.jsonl,text/csv,application/json,application/x-ndjson";

/** Drop a file on it, or choose one. */
export function Dropzone({ onFile }: { onFile: (file: File) => void }) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file !== undefined) onFile(file);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <section
      aria-label="File to import"
      className={classes(styles.zone, over && styles.over)}
      onDragLeave={() => setOver(false)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDrop={onDrop}
    >
      <FileUp aria-hidden size={20} />
      <p>
        <span className={styles.strong}>Drop a file here</span>
        <br />
        CSV, JSON or NDJSON, of any size
      </p>
      <Button size="sm" onClick={() => input.current?.click()}>
        Choose a file
      </Button>
      <input
        accept={ACCEPTED}
        aria-label="Choose a file to import"
        hidden
        ref={input}
        type="file"
        onChange={(event) => {
          take(event.target.files);
          // So that the same file can be chosen again.
          event.target.value = "";
        }}
      />
    </section>
  );
}
