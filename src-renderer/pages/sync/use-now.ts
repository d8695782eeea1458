import { useEffect, useState } from "react";

const TICK_MS = 1_000;

/** The present, once a second: forecasts and countdowns go by it. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
