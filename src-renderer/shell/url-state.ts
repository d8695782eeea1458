import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";

type State<D> = Readonly<Record<keyof D, string>>;
type SetState<D> = (patch: Partial<Record<keyof D, string>>, options?: { replace?: boolean }) => void;

/**
 * Page state that lives in the address, so that Back works and links can be shared. What equals
 * its default is left out. `defaults` should be a constant.
 */
export function useUrlState<D extends Readonly<Record<string, string>>>(
  defaults: D,
): [state: State<D>, setState: SetState<D>] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const state = useMemo(() => {
    const params = new URLSearchParams(search);
    const entries = Object.entries(defaults).map(([key, fallback]) => [key, params.get(key) ?? fallback]);
    return Object.fromEntries(entries) as State<D>;
  }, [search, defaults]);

  const setState = useCallback<SetState<D>>(
    (patch, options = {}) => {
      // Not from `search`: two changes in one tick must not undo each other.
      const params = new URLSearchParams(location.search);
      for (const [key, value] of Object.entries(patch)) {
        if (value === undefined || value === defaults[key]) params.delete(key);
        else params.set(key, value);
      }
      const next = params.toString();
      navigate(`${location.pathname}${next === "" ? "" : `?${next}`}`, { replace: options.replace ?? false });
    },
    [navigate, defaults],
  );
  return [state, setState];
}
