import { type KeyboardEvent, useRef, useState } from "react";
import type { Overview } from "../../../src-shared/contract/statistics.ts";
import { plural } from "../../../src-shared/plural.ts";
import { messagesHref, useNavigate } from "../../shell/navigation.ts";
import { Card } from "../../ui/card.tsx";
import { type Hour, heatLevel, hourLabel, hourQuery, WEEKDAYS } from "./busiest.ts";
import styles from "./busiest-card.module.css";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const LEVELS = [0, 1, 2, 3, 4, 5, 6];
const STEPS: Readonly<Record<string, readonly [days: number, hours: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -23],
  End: [0, 23],
};

export type BusiestCardProps = {
  overview: Overview;
  offsetMinutes: number;
  className?: string | undefined;
};

/** Messages by weekday and hour. One cell is in the tab order; the arrow keys move between them. */
export function BusiestCard({ overview, offsetMinutes, className }: BusiestCardProps) {
  const navigate = useNavigate();
  const { busiest } = overview;
  const countAt = ({ weekday, hour }: Hour) => busiest[weekday]?.[hour] ?? 0;
  const most = Math.max(...busiest.flat(), 1);
  const peak = peakOf(busiest);
  const [active, setActive] = useState<Hour | null>(null);
  const entry = active ?? peak;
  const grid = useRef<HTMLTableElement>(null);

  const open = (at: Hour) => {
    if (countAt(at) === 0) return;
    const query = hourQuery(at, Date.parse(overview.from), Date.parse(overview.to), offsetMinutes);
    navigate(messagesHref(query));
  };
  const move = (event: KeyboardEvent, at: Hour) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const weekday = clamp(at.weekday + step[0], 6);
    const hour = clamp(at.hour + step[1], 23);
    grid.current?.querySelector<HTMLElement>(`[data-at="${weekday}-${hour}"]`)?.focus();
  };
  return (
    <Card className={className} description="In your local time" title="Busiest hours">
      <div className={styles.scroll}>
        <table aria-label="Messages by weekday and hour" className={styles.grid} ref={grid}>
          <thead>
            <tr>
              <th className={styles.corner}>
                <span className="visually-hidden">Weekday</span>
              </th>
              {HOURS.map((hour) => (
                <th className={styles.hour} key={hour} scope="col">
                  {hour % 3 === 0 ? (
                    String(hour).padStart(2, "0")
                  ) : (
                    <span className="visually-hidden">{hour}</span>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {WEEKDAYS.map((name, weekday) => (
              <tr key={name}>
                <th scope="row">
                  <span aria-hidden>{name.slice(0, 3)}</span>
                  <span className="visually-hidden">{name}</span>
                </th>
                {HOURS.map((hour) => {
                  const at = { weekday, hour };
                  const count = countAt(at);
                  return (
                    <td key={hour}>
                      <button
                        aria-label={`${hourLabel(at)}: ${plural(count, "message")}`}
                        className={styles.cell}
                        data-at={`${weekday}-${hour}`}
                        style={{ background: `var(--heat-${heatLevel(count, most)})` }}
                        tabIndex={entry.weekday === weekday && entry.hour === hour ? 0 : -1}
                        type="button"
                        onClick={() => open(at)}
                        onFocus={() => setActive(at)}
                        onKeyDown={(event) => move(event, at)}
                        onMouseEnter={() => setActive(at)}
                      />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className={styles.foot}>
        <span>
          {active === null && "Busiest: "}
          {hourLabel(entry)} · {plural(countAt(entry), "message")}
        </span>
        <span aria-hidden className={styles.scale}>
          <span>Fewer</span>
          {LEVELS.map((level) => (
            <i key={level} style={{ background: `var(--heat-${level})` }} />
          ))}
          <span>More</span>
        </span>
      </div>
    </Card>
  );
}

function clamp(value: number, last: number): number {
  return Math.min(last, Math.max(0, value));
}

function peakOf(busiest: Overview["busiest"]): Hour {
  let peak: Hour = { weekday: 0, hour: 0 };
  let most = -1;
  for (const [weekday, hours] of busiest.entries()) {
    for (const [hour, count] of hours.entries()) {
      if (count > most) {
        most = count;
        peak = { weekday, hour };
      }
    }
  }
  return peak;
}
