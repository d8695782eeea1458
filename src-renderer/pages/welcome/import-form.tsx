import { FileText, X } from "lucide-react";
import type { ExportFormat } from "../../../src-shared/contract/upkeep.ts";
import { FORMATS, formatName, isFormat } from "../../export/formats.ts";
import { formatBytes } from "../../ui/format.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Select } from "../../ui/select.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { ColumnMap } from "./column-map.tsx";
import styles from "./import-dialog.module.css";
import type { ChosenFile } from "./import-file.ts";

export type ImportFormProps = {
  chosen: ChosenFile;
  channel: string;
  onChosen: (chosen: ChosenFile) => void;
  onFormat: (format: ExportFormat) => void;
  onChannel: (channel: string) => void;
  onClear: () => void;
};

export function ImportForm({ chosen, channel, onChosen, onFormat, onChannel, onClear }: ImportFormProps) {
  return (
    <div className={styles.form}>
      <div className={styles.file}>
        <FileText aria-hidden size={16} />
        <span className={`${styles.fileName} truncate`}>{chosen.file.name}</span>
        <span className="muted tabular">{formatBytes(chosen.file.size)}</span>
        <IconButton icon={X} label="Choose another file" size="sm" onClick={onClear} />
      </div>
      <div className={styles.row}>
        <Select
          label="Format"
          options={FORMATS.map((format) => ({ value: format, label: formatName(format) }))}
          value={chosen.format}
          onValueChange={(value) => isFormat(value) && onFormat(value)}
        />
        <TextField
          label="Channel, for rows without one"
          placeholder="event"
          value={channel}
          onChange={(event) => onChannel(event.target.value)}
        />
      </div>
      {chosen.columns.length > 0 && (
        <ColumnMap columns={chosen.columns} onChange={(columns) => onChosen({ ...chosen, columns })} />
      )}
    </div>
  );
}
