import { DegradedBanner } from "../ui/degraded-banner.tsx";
import { Link } from "../ui/link.tsx";
import { useHostState } from "./host-state.ts";

export function HostBanner() {
  const { level, problems } = useHostState();
  if (level === "ok" || level === "unknown") return null;
  if (level === "down") {
    return (
      <DegradedBanner title="The host does not answer." tone="danger">
        What you see may be old. This page reconnects by itself; if it does not, start the host again.
      </DegradedBanner>
    );
  }
  const title = level === "failing" ? "Waybill needs you now." : "Waybill is degraded.";
  return (
    <DegradedBanner
      action={<Link href="/health">Open Health</Link>}
      title={title}
      tone={level === "failing" ? "danger" : "warning"}
    >
      {problems[0]}
    </DegradedBanner>
  );
}
