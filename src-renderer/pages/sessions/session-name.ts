import type { Session } from "../../../src-shared/session.ts";

/** What people call it: its template, or its id where it has none. */
export function sessionName(session: Session): string {
  return session.template_name ?? session.template_id ?? session.session_id;
}
