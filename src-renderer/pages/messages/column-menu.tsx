import { Columns3, RotateCcw } from "lucide-react";
import { IconButton } from "../../ui/icon-button.tsx";
import { Menu, MenuCheckboxItem, MenuItem, MenuLabel, MenuSeparator } from "../../ui/menu.tsx";
import { COLUMNS } from "./columns.ts";
import type { ColumnState } from "./use-columns.ts";

export function ColumnMenu({ columns }: { columns: ColumnState }) {
  const shown = new Set(columns.columns.map(({ key }) => key));
  return (
    <Menu label="Columns" trigger={<IconButton icon={Columns3} label="Columns" variant="secondary" />}>
      <MenuLabel>Columns</MenuLabel>
      {COLUMNS.map(({ key, label }) => (
        <MenuCheckboxItem
          key={key}
          checked={shown.has(key)}
          // A table of no columns could not be read, nor brought back by its own looks.
          disabled={shown.size === 1 && shown.has(key)}
          onCheckedChange={(checked) => columns.show(key, checked)}
        >
          {label}
        </MenuCheckboxItem>
      ))}
      <MenuSeparator />
      <MenuItem icon={RotateCcw} disabled={columns.isDefault} onSelect={columns.reset}>
        Reset columns and widths
      </MenuItem>
    </Menu>
  );
}
