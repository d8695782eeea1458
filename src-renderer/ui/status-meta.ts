import { Ban, Check, CheckCheck, Clock, Eye, type LucideIcon, Send, TriangleAlert } from "lucide-react";
import type { Status } from "../../src-shared/status.ts";

export type StatusMeta = {
  label: string;
  icon: LucideIcon;
  /** For shapes: 3:1 on every surface. */
  colour: string;
  /** For text: 4.5:1 on every surface and on `softColour`. */
  textColour: string;
  softColour: string;
};

const LOOKS: Readonly<Record<Status, readonly [string, LucideIcon]>> = {
  pending: ["Pending", Clock],
  sending: ["Sending", Send],
  sent: ["Sent", Check],
  delivered: ["Delivered", CheckCheck],
  read: ["Read", Eye],
  failed: ["Failed", TriangleAlert],
  cancelled: ["Cancelled", Ban],
};

/** How a status looks everywhere: never by colour alone. */
export function statusMeta(status: Status): StatusMeta {
  const [label, icon] = LOOKS[status];
  return {
    label,
    icon,
    colour: `var(--status-${status})`,
    textColour: `var(--status-${status}-text)`,
    softColour: `var(--status-${status}-soft)`,
  };
}
