export const CLOSE_CHOICES = ["ask", "tray", "quit"] as const;
/** What closing the window does; `ask` until the operator has said it once. */
export type CloseChoice = (typeof CLOSE_CHOICES)[number];

/** `close`: let it; `hide`: stay in the tray; `ask` first; `quit` the whole program. */
export type CloseAction = "close" | "hide" | "ask" | "quit";

export function closeAction(state: { quitting: boolean; choice: CloseChoice }): CloseAction {
  if (state.quitting) return "close";
  switch (state.choice) {
    case "tray":
      return "hide";
    case "quit":
      return "quit";
    case "ask":
      return "ask";
  }
}
