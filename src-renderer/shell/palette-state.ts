import { createContext, useContext } from "react";

export type PaletteState = { open: () => void };

export const PaletteContext = createContext<PaletteState>({ open: () => undefined });

export function usePalette(): PaletteState {
  return useContext(PaletteContext);
}
