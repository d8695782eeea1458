import { Layers } from "lucide-react";
import { plural } from "../../src-shared/plural.ts";
import type { Session } from "../../src-shared/session.ts";
import { useProcedure } from "../api/hooks.ts";
import { sessionHref, useNavigate } from "../shell/navigation.ts";
import { formatRelative } from "../ui/format.ts";
import { useDebounced } from "../ui/use-debounced.ts";
import type { Command } from "./command.ts";
import { rememberPlace } from "./recent-places.ts";

const SHOWN = 5;
const TYPING_PAUSE_MS = 120;

/** The newest sessions that hold the typed text in id, template or channel. */
export function useSessionCommands(typed: string): readonly Command[] {
  const navigate = useNavigate();
  const text = useDebounced(typed.trim(), TYPING_PAUSE_MS);
  const query = useProcedure("sessions.list", { text, limit: SHOWN }, { keepPrevious: true, live: false });

  return (query.data?.sessions ?? []).map((session) => {
    const href = sessionHref(session.session_id);
    const label = sessionLabel(session);
    return {
      id: `session ${session.session_id}`,
      label,
      note: sessionNote(session),
      icon: Layers,
      run: () => {
        rememberPlace({ label: `Session ${label}`, href });
        navigate(href);
      },
    };
  });
}

/** Sessions of one template are told apart by their ids. */
function sessionNote({ session_id, channel, total, started_ts }: Session): string {
  return `${session_id}, ${channel}, ${plural(total, "message")}, ${formatRelative(started_ts)}`;
}

function sessionLabel({ template_name, template_id, session_id }: Session): string {
  return template_name ?? template_id ?? session_id;
}
