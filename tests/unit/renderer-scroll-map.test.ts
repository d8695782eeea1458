import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createScrollMap,
  followScroll,
  MAX_SCROLLER_ROWS,
  placeAt,
  placeForRow,
  type ScrollMap,
  type ScrollPlace,
} from "../../src-renderer/pages/messages/scroll-map.ts";

const ROW = 36;
const VIEWPORT = 720;
const TOP: ScrollPlace = { shift: 0, scrollTop: 0 };

function bottomOf(map: ScrollMap): number {
  return map.scrollerRows * map.rowHeight - map.viewportHeight;
}

/** The pixel of the table at the upper edge. */
function tableTop(map: ScrollMap, place: ScrollPlace): number {
  return place.scrollTop + place.shift * map.rowHeight;
}

describe("a table that fits the scroller", () => {
  const map = createScrollMap(5_000, ROW, VIEWPORT);

  it("is scrolled pixel for pixel", () => {
    expect(followScroll(map, TOP, 90_000)).toEqual({ shift: 0, scrollTop: 90_000 });
    expect(placeAt(map, 12_345)).toEqual({ shift: 0, scrollTop: 12_345 });
  });

  it("shows a row with the least movement", () => {
    expect(placeForRow(map, TOP, 3)).toEqual(TOP);
    expect(placeForRow(map, TOP, 20)).toEqual({ shift: 0, scrollTop: 21 * ROW - VIEWPORT });
    expect(placeForRow(map, { shift: 0, scrollTop: 5_000 }, 10)).toEqual({ shift: 0, scrollTop: 360 });
  });

  it("stays at the top when it is shorter than the viewport", () => {
    expect(placeAt(createScrollMap(3, ROW, VIEWPORT), 500)).toEqual(TOP);
    expect(placeAt(createScrollMap(0, ROW, VIEWPORT), 500)).toEqual(TOP);
  });
});

describe("ten million rows", () => {
  const map = createScrollMap(10_000_000, ROW, VIEWPORT);

  it("keeps the scroller below what browsers allow", () => {
    expect(map.scrollerRows * ROW).toBeLessThan(16_000_000);
    expect(map.scrollerRows).toBe(MAX_SCROLLER_ROWS);
  });

  it("reaches the first and the last row with the thumb", () => {
    const end = followScroll(map, TOP, bottomOf(map));
    expect(end.shift + map.scrollerRows).toBe(map.rows);
    expect(followScroll(map, end, 0)).toEqual(TOP);
    const middle = followScroll(map, TOP, bottomOf(map) / 2);
    expect(tableTop(map, middle) / ROW).toBeCloseTo(5_000_000, -2);
  });

  it("moves pixel for pixel with the wheel, for as long as it turns", () => {
    let place: ScrollPlace = TOP;
    let top = 0;
    for (let step = 0; step < 200_000; step += 1) {
      place = followScroll(map, place, place.scrollTop + 300);
      top += 300;
    }
    expect(tableTop(map, place)).toBe(top);
    expect(place.shift).toBeGreaterThan(0);
  });

  it("has no dead end: the wheel leaves both edges of the scroller while rows are left", () => {
    const nearEnd = followScroll(
      map,
      { shift: map.rows - map.scrollerRows - 1, scrollTop: bottomOf(map) - 100 },
      bottomOf(map),
    );
    expect(nearEnd.shift).toBe(map.rows - map.scrollerRows);
    expect(nearEnd.scrollTop).toBe(bottomOf(map) - ROW);
    const nearStart = followScroll(map, { shift: 1, scrollTop: 50 }, 0);
    expect(nearStart).toEqual({ shift: 0, scrollTop: ROW });
  });

  it("keeps the rows still when the scroller moves under them", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 359_999_280 }),
        fc.integer({ min: -720, max: 720 }),
        (start, by) => {
          const from = placeAt(map, start);
          const scrollTop = Math.min(Math.max(from.scrollTop + by, 0), bottomOf(map));
          const place = followScroll(map, from, scrollTop);
          expect(tableTop(map, place)).toBe(scrollTop + from.shift * ROW);
        },
      ),
    );
  });

  it("shows any row from anywhere, wholly", () => {
    const row = fc.integer({ min: 0, max: map.rows - 1 });
    fc.assert(
      fc.property(row, row, (at, wanted) => {
        const place = placeForRow(map, placeAt(map, at * ROW), wanted);
        const top = tableTop(map, place);
        expect(wanted * ROW).toBeGreaterThanOrEqual(top);
        expect((wanted + 1) * ROW).toBeLessThanOrEqual(top + VIEWPORT);
        expect(place.scrollTop).toBeGreaterThanOrEqual(0);
        expect(place.scrollTop).toBeLessThanOrEqual(bottomOf(map));
        expect(wanted - place.shift).toBeGreaterThanOrEqual(0);
        expect(wanted - place.shift).toBeLessThan(map.scrollerRows);
      }),
    );
  });
});
