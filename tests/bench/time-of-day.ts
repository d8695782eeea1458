/** Milliseconds since 1970 with their fractions: to compare what two processes measured. */
export function timeOfDay(): number {
  return performance.timeOrigin + performance.now();
}
