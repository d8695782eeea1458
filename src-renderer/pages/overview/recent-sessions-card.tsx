import { Layers } from "lucide-react";
import type { Session } from "../../../src-shared/session.ts";
import { sessionHref, useNavigate } from "../../shell/navigation.ts";
import { Card } from "../../ui/card.tsx";
import { formatNumber, formatPercent } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { Cell, HeaderCell, Row, Table, TableBody, TableHead } from "../../ui/table.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";

/** As many as the card beside it is high; the rest is a click away. */
const MOST = 6;

export type RecentSessionsCardProps = { sessions: readonly Session[]; className?: string | undefined };

export function RecentSessionsCard({ sessions, className }: RecentSessionsCardProps) {
  const navigate = useNavigate();
  return (
    <Card
      actions={<Link href="/sessions">All sessions</Link>}
      className={className}
      flush
      title="Recent sessions"
    >
      {sessions.length === 0 ? (
        <EmptyState
          description="A session groups the messages of one run, such as a campaign."
          icon={Layers}
          title="No sessions yet"
        />
      ) : (
        <Table caption="Recent sessions">
          <TableHead>
            <HeaderCell width="42%">Session</HeaderCell>
            <HeaderCell wide>Started</HeaderCell>
            <HeaderCell numeric>Messages</HeaderCell>
            <HeaderCell numeric wide>
              Failed
            </HeaderCell>
            <HeaderCell numeric>Success</HeaderCell>
          </TableHead>
          <TableBody>
            {sessions.slice(0, MOST).map((session) => (
              <Row key={session.session_id} onOpen={() => navigate(sessionHref(session.session_id))}>
                <Cell title={session.session_id} truncate>
                  <Link href={sessionHref(session.session_id)}>
                    {session.template_name ?? session.session_id}
                  </Link>{" "}
                  <span className="muted">{session.channel}</span>
                </Cell>
                <Cell wide>
                  <span className="muted" style={{ whiteSpace: "nowrap" }}>
                    <RelativeTime ts={session.started_ts} />
                  </span>
                </Cell>
                <Cell numeric>{formatNumber(session.total)}</Cell>
                <Cell numeric wide>
                  {formatNumber(session.failed)}
                </Cell>
                <Cell numeric>{formatPercent(session.total === 0 ? null : session.success_rate)}</Cell>
              </Row>
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}
