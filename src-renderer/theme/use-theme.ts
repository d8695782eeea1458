import { createContext, useContext } from "react";
import type { Settings } from "../../src-shared/contract/upkeep.ts";

export type Theme = Settings["theme"];
export type ThemeState = {
  theme: Theme;
  /** What `system` comes to right now. */
  resolved: "light" | "dark";
  /** Applies at once and is stored with the settings. */
  setTheme: (theme: Theme) => void;
};

export const ThemeContext = createContext<ThemeState | null>(null);

export function useTheme(): ThemeState {
  const state = useContext(ThemeContext);
  if (state === null) throw new Error("useTheme needs a ThemeProvider above it");
  return state;
}
