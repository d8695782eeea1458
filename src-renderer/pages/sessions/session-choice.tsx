import type { Session } from "../../../src-shared/session.ts";
import { Checkbox } from "../../ui/checkbox.tsx";
import { sessionName } from "./session-name.ts";
import type { GridColumn } from "./virtual-grid.tsx";

export const CHOICE_COLUMN_PX = 44;
const MOST_CHOSEN = 2;

/** Two can be chosen: a third takes the place of the one chosen first. */
export function choose(chosen: readonly string[], id: string, isChosen: boolean): readonly string[] {
  const others = chosen.filter((other) => other !== id);
  return isChosen ? [...others, id].slice(-MOST_CHOSEN) : others;
}

/** To choose the sessions to compare. */
export function choiceColumn(
  chosen: readonly string[],
  onChoose: (id: string, isChosen: boolean) => void,
): GridColumn<Session> {
  return {
    key: "choice",
    label: "Compare",
    hideLabel: true,
    track: `${CHOICE_COLUMN_PX}px`,
    cell: (session) => (
      <Checkbox
        checked={chosen.includes(session.session_id)}
        hideLabel
        label={`Compare ${sessionName(session)}`}
        onCheckedChange={(isChosen) => onChoose(session.session_id, isChosen)}
      />
    ),
  };
}
