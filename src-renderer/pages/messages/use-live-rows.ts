import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { useMessageChanges } from "../../api/events.ts";
import {
  EMPTY_LIVE_BUFFER,
  hasGap,
  type LiveBuffer,
  MAX_LIVE_ROWS,
  receive,
  release,
} from "./live-buffer.ts";
import type { Snapshot } from "./use-snapshot.ts";

/** Changes come one by one and are shown together, this often. */
const BATCH_MS = 200;
/** At the top of a busy ledger the snapshot is taken anew at most this often. */
const RENEW_MS = 2_000;

type Arrival = { message: MessageRecord; atMs: number };

type Options = {
  enabled: boolean;
  snapshot: Snapshot | null;
  atTop: boolean;
  inSnapshot: (message: MessageRecord) => boolean;
  refresh: () => void;
};

export type LiveRows = {
  buffer: LiveBuffer;
  /** Shows what waits. */
  showWaiting: () => void;
};

/** What is accepted after the snapshot, for the table to show above it. */
export function useLiveRows({ enabled, snapshot, atTop, inSnapshot, refresh }: Options): LiveRows {
  const [buffer, setBuffer] = useState(EMPTY_LIVE_BUFFER);
  /** The last arrivals, also those taken in: a snapshot that is under way may have been too early for them. */
  const recent = useRef<Arrival[]>([]);
  const untaken = useRef<MessageRecord[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const takeIn = useEffectEvent(() => {
    timer.current = undefined;
    const messages = untaken.current;
    untaken.current = [];
    setBuffer((old) => receive(old, { messages, atTop, inSnapshot }));
  });

  useMessageChanges(
    snapshot?.q ?? "",
    ({ message }) => {
      recent.current.push({ message, atMs: Date.now() });
      if (recent.current.length > 2 * MAX_LIVE_ROWS) recent.current = recent.current.slice(-MAX_LIVE_ROWS);
      untaken.current.push(message);
      timer.current ??= setTimeout(() => takeIn(), BATCH_MS);
    },
    { enabled: enabled && snapshot !== null, onOpen: refresh },
  );

  const startAfter = useEffectEvent((taken: Snapshot | null) => {
    untaken.current = [];
    const known = new Map(taken?.firstPage.map((message) => [message.message_uuid, message.revision]));
    const isNews = ({ message, atMs }: Arrival): boolean =>
      atMs >= (taken?.takenMs ?? 0) && message.revision > (known.get(message.message_uuid) ?? 0);
    const messages = recent.current.filter(isNews).map(({ message }) => message);
    setBuffer(enabled ? receive(EMPTY_LIVE_BUFFER, { messages, atTop, inSnapshot }) : EMPTY_LIVE_BUFFER);
  });
  useEffect(() => startAfter(snapshot), [snapshot]);

  /** What came while nobody listened is in a new snapshot only. */
  const listened = useRef(enabled);
  useEffect(() => {
    if (enabled && !listened.current) {
      recent.current = [];
      refresh();
    }
    listened.current = enabled;
  }, [enabled, refresh]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const gap = hasGap(buffer);
  useEffect(() => {
    if (!atTop) return undefined;
    setBuffer(release);
    if (!gap) return undefined;
    const renewing = setTimeout(refresh, RENEW_MS);
    return () => clearTimeout(renewing);
  }, [atTop, gap, refresh]);

  const showWaiting = useCallback(() => {
    if (gap) refresh();
    else setBuffer(release);
  }, [gap, refresh]);
  return { buffer, showWaiting };
}
