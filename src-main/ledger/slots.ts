import { HOUR_MS } from "../../src-shared/time.ts";

/** How long a slot of the statistics is. */
export const GRAIN = { hour: 0, day: 1, block: 2 } as const;
export type Grain = (typeof GRAIN)[keyof typeof GRAIN];

export const HOURS_PER_DAY = 24;
export const DAYS_PER_BLOCK = 32;

const DAY_HOURS = HOURS_PER_DAY;
const BLOCK_HOURS = HOURS_PER_DAY * DAYS_PER_BLOCK;

/** Slots of one grain, `to` exclusive. */
export type SlotRange = { grain: Grain; from: number; to: number };

/**
 * The fewest slots that make up a period of whole hours (milliseconds): blocks in its middle, then days,
 * and hours at its ends. `finest` is the finest grain there is: the ends are rounded outwards to it.
 */
export function slotRanges(from: number, to: number, finest: Grain = GRAIN.hour): SlotRange[] {
  const unit = finest === GRAIN.hour ? 1 : DAY_HOURS;
  const first = Math.floor(from / HOUR_MS / unit) * unit;
  const last = Math.ceil(to / HOUR_MS / unit) * unit;
  const ranges: SlotRange[] = [];
  const add = (grain: Grain, size: number, start: number, end: number): void => {
    if (start < end) ranges.push({ grain, from: start / size, to: end / size });
  };
  const within = (size: number, start: number, end: number): [number, number] => [
    Math.ceil(start / size) * size,
    Math.floor(end / size) * size,
  ];
  const [firstDay, lastDay] = within(DAY_HOURS, first, last);
  if (firstDay >= lastDay) {
    add(GRAIN.hour, 1, first, last);
    return ranges;
  }
  add(GRAIN.hour, 1, first, firstDay);
  const [firstBlock, lastBlock] = within(BLOCK_HOURS, firstDay, lastDay);
  if (firstBlock >= lastBlock) add(GRAIN.day, DAY_HOURS, firstDay, lastDay);
  else {
    add(GRAIN.day, DAY_HOURS, firstDay, firstBlock);
    add(GRAIN.block, BLOCK_HOURS, firstBlock, lastBlock);
    add(GRAIN.day, DAY_HOURS, lastBlock, lastDay);
  }
  add(GRAIN.hour, 1, lastDay, last);
  return ranges;
}
