import { Fingerprint, MessagesSquare } from "lucide-react";
import { uuidSchema } from "../../src-shared/record.ts";
import { messagesHref, useNavigate } from "../shell/navigation.ts";
import type { Command } from "./command.ts";
import { rememberPlace } from "./recent-places.ts";

type SearchGroup = { heading: string; isMessage: boolean; commands: readonly Command[] };

function messageHref(uuid: string): string {
  return `/messages?${new URLSearchParams({ q: `uuid:${uuid}`, message: uuid })}`;
}

/** What the typed text can find among the messages: one by its UUID, or those that match it. */
export function useSearchCommands(typed: string): SearchGroup {
  const navigate = useNavigate();
  const text = typed.trim();
  const open = (label: string, href: string) => () => {
    rememberPlace({ label, href });
    navigate(href);
  };

  const uuid = uuidSchema.safeParse(text);
  if (uuid.success) {
    const label = `Open message ${uuid.data}`;
    const run = open(label, messageHref(uuid.data));
    return {
      heading: "Messages",
      isMessage: true,
      commands: [{ id: "message", label, icon: Fingerprint, run }],
    };
  }
  const label = `Search messages for “${text}”`;
  const run = open(label, messagesHref(text));
  const commands = text === "" ? [] : [{ id: "search", label, icon: MessagesSquare, run }];
  return { heading: "Messages", isMessage: false, commands };
}
