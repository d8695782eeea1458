import { useEffect, useEffectEvent } from "react";
import type { EventData, EventEnvelope, EventName } from "../../src-shared/contract/index.ts";
import { useCarrier } from "./carrier.ts";

const DEFAULT_THROTTLE_MS = 5_000;

/** Hears one kind of event while mounted. For `message.changed` use `useMessageChanges`. */
export function useEvent<N extends Exclude<EventName, "message.changed">>(
  name: N,
  handler: (data: EventData<N>) => void,
): void {
  const carrier = useCarrier();
  const onEvent = useEffectEvent((envelope: EventEnvelope) => {
    if (envelope.event === name) handler(envelope.data as EventData<N>);
  });
  useEffect(() => carrier.subscribe((envelope) => onEvent(envelope)), [carrier]);
}

/** The live tail: each change that matches `q` as it is accepted, over a subscription of its own. */
export function useMessageChanges(
  q: string,
  handler: (data: EventData<"message.changed">) => void,
  options: {
    enabled?: boolean;
    /** Told whenever it begins to hear: what was accepted before, it has missed. */
    onOpen?: () => void;
  } = {},
): void {
  const carrier = useCarrier();
  const enabled = options.enabled ?? true;
  const onOpen = useEffectEvent(() => options.onOpen?.());
  const onChange = useEffectEvent((envelope: EventEnvelope) => {
    if (envelope.event === "message.changed") handler(envelope.data);
  });
  useEffect(
    () =>
      enabled
        ? carrier.tail(
            q,
            (envelope) => onChange(envelope),
            () => onOpen(),
          )
        : undefined,
    [carrier, q, enabled],
  );
}

/**
 * Tells at most once per `throttleMs` that the ledger changed. After the first change of a period
 * it stops listening, so that a million imported records do not pass through an idle page.
 */
export function useLedgerChanged(
  handler: () => void,
  options: { throttleMs?: number; enabled?: boolean } = {},
): void {
  const carrier = useCarrier();
  const { throttleMs = DEFAULT_THROTTLE_MS, enabled = true } = options;
  const onChanged = useEffectEvent(handler);
  useEffect(() => {
    if (!enabled) return undefined;
    let stop: (() => void) | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      if (timer !== undefined) return;
      stop?.();
      timer = setTimeout(() => {
        timer = undefined;
        listen();
      }, throttleMs);
    };
    // What changed while nobody listened is made up for as soon as the tail hears again.
    const listen = () => {
      stop = carrier.tail("", changed, () => onChanged());
    };
    listen();
    return () => {
      clearTimeout(timer);
      stop?.();
    };
  }, [carrier, throttleMs, enabled]);
}
