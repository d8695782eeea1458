/** Whether work settled in time; what becomes of it later is nobody's. Rejects as it does. */
export function settlesWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), ms);
    work.then(() => {
      clearTimeout(timer);
      resolve(true);
    }, reject);
  });
}
