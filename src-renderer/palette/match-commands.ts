import type { Command } from "./command.ts";

/** Each typed word begins a word of the command's label or keywords. The order stays as it was. */
export function matchCommands(commands: readonly Command[], typed: string): readonly Command[] {
  const wanted = words(typed);
  if (wanted.length === 0) return commands;
  return commands.filter(({ label, keywords = "" }) => {
    const offered = words(`${label} ${keywords}`);
    return wanted.every((want) => offered.some((word) => word.startsWith(want)));
  });
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}
