import { useLayoutEffect, useRef } from "react";

/**
 * For a dialog's `onCloseAutoFocus`: Radix gives the focus back to a trigger only, and these are
 * opened without one. Where the opener went away, as a menu's item does, the page gets it.
 */
export function useReturnFocus(open: boolean): (event: Event) => void {
  const opener = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (open) opener.current = document.activeElement;
  }, [open]);
  return (event) => {
    event.preventDefault();
    const { current } = opener;
    const target =
      current?.isConnected && current !== document.body ? current : document.getElementById("main");
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  };
}
