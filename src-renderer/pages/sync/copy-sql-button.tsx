import { CopyButton } from "../../ui/copy-button.tsx";

/** The tables' SQL itself: in an installed app its file is hard to find. */
export function CopySqlButton() {
  const read = async () => (await import("../../../assets/supabase/waybill.sql?raw")).default;
  return <CopyButton label="Copy the SQL" showLabel value={read} />;
}
