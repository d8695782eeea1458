import { Card } from "../../ui/card.tsx";
import { JsonTree } from "../messages/json-tree.tsx";

export function SessionMetadata({ metadata }: { metadata: Record<string, unknown> }) {
  if (Object.keys(metadata).length === 0) return null;
  return (
    <Card title="Metadata">
      <JsonTree value={metadata} label="Metadata" />
    </Card>
  );
}
