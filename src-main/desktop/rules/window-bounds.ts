/** In the screen's units, which are independent of its density. */
export type Rectangle = { x: number; y: number; width: number; height: number };
export type WindowPlace = { width: number; height: number; x?: number; y?: number };

export const MIN_WIDTH = 480;
export const MIN_HEIGHT = 400;
const DEFAULT_WIDTH = 1_280;
const DEFAULT_HEIGHT = 840;
/** So much of the title bar must be on a screen for the window to be within reach. */
const GRIP_WIDTH = 120;
const GRIP_HEIGHT = 32;

/**
 * Where the window opens: where it was, where the screens still show it; else in the middle of the
 * first (no `x`, no `y`), and never larger than its screen. `workAreas` begins with the primary screen.
 */
export function placeWindow(last: Rectangle | null, workAreas: readonly Rectangle[]): WindowPlace {
  const wanted = last ?? { width: DEFAULT_WIDTH, height: DEFAULT_HEIGHT };
  const screen = last === null ? undefined : workAreas.find((area) => showsGrip(last, area));
  const area = screen ?? workAreas[0];
  const size = {
    width: clamp(wanted.width, MIN_WIDTH, area?.width),
    height: clamp(wanted.height, MIN_HEIGHT, area?.height),
  };
  if (last === null || screen === undefined) return size;
  // One that reaches over the edge of its screen stays so; its title bar is within reach.
  return { ...size, x: last.x, y: Math.max(last.y, screen.y) };
}

function showsGrip(window: Rectangle, area: Rectangle): boolean {
  const width = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  const top = window.y + GRIP_HEIGHT;
  return width >= GRIP_WIDTH && top > area.y && top <= area.y + area.height;
}

function clamp(value: number, least: number, most = Number.POSITIVE_INFINITY): number {
  return Math.round(Math.min(Math.max(value, least), most));
}
