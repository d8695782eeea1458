/** Calls `onBack` whenever the network comes back. Gives the function that ends it. */
export function watchOnline(options: {
  isOnline: () => boolean;
  onBack: () => void;
  everyMs: number;
}): () => void {
  let wasOnline = options.isOnline();
  const timer = setInterval(() => {
    const isOnline = options.isOnline();
    if (isOnline && !wasOnline) options.onBack();
    wasOnline = isOnline;
  }, options.everyMs).unref();
  return () => clearInterval(timer);
}
