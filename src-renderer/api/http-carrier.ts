import type { EventEnvelope } from "../../src-shared/contract/index.ts";
import type { Job } from "../../src-shared/contract/upkeep.ts";
import type { ErrorBody, Reply } from "../../src-shared/errors.ts";
import type { Carrier, ConnectionState } from "./carrier.ts";
import { type EventSocket, openEventSocket } from "./event-socket.ts";

const UNREACHABLE: ErrorBody = {
  code: "unavailable",
  message: "Waybill's host does not answer. Check that it runs; this page reconnects by itself.",
};
const NOT_SIGNED_IN: ErrorBody = { code: "unauthorized", message: "Sign in with the API token to go on." };

/** The browser's carrier: `POST /api/<name>` and the WebSocket `/api/events`, on the page's own origin. */
export function createHttpCarrier(): Carrier {
  const listeners = new Set<(envelope: EventEnvelope) => void>();
  const stateListeners = new Set<() => void>();
  let state: ConnectionState = "connecting";
  let socket: EventSocket | null = null;

  const setState = (next: ConnectionState) => {
    if (next === state) return;
    state = next;
    // Without a session every try would be refused.
    if (next === "unauthorized") closeSocket();
    for (const listener of stateListeners) listener();
  };
  const closeSocket = () => {
    socket?.close();
    socket = null;
  };

  const openSocket = () => {
    socket = openEventSocket({
      onEvent: (envelope) => {
        for (const listener of listeners) listener(envelope);
      },
      onState: (next) => {
        setState(next);
        if (next === "lost") void noticeSignOut();
      },
    });
  };

  // A socket does not tell whether it was refused for the lack of a session, as after a restart of the host.
  const noticeSignOut = async () => {
    try {
      const { status } = await fetch("/api/settings.get", { method: "POST", credentials: "same-origin" });
      if (status === 401) setState("unauthorized");
    } catch {
      // The host is away; the socket goes on trying.
    }
  };

  const request = async <T>(path: string, init: RequestInit): Promise<Reply<T>> => {
    let response: Response;
    try {
      response = await fetch(path, { method: "POST", credentials: "same-origin", ...init });
    } catch {
      if (init.signal?.aborted) return failure({ code: "cancelled", message: "The call was given up." });
      setState("lost");
      return failure(UNREACHABLE);
    }
    if (response.status === 401) {
      setState("unauthorized");
      return failure(NOT_SIGNED_IN);
    }
    // The host answers: no need to wait out the pause.
    socket?.retryNow();
    return readReply<T>(response);
  };

  return {
    call: (name, input, signal) =>
      request(`/api/${name}`, {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(input),
        ...(signal === undefined ? {} : { signal }),
      }),
    subscribe(listener) {
      listeners.add(listener);
      if (socket === null && state !== "unauthorized") openSocket();
      return () => listeners.delete(listener);
    },
    tail(q, listener, onOpen) {
      const tail = openEventSocket({
        greeting: { subscribe: { q } },
        onEvent: (envelope) => {
          // Not as soon as the socket is open: a read could overtake the wish to hear.
          if (envelope.event === "tail.opened") onOpen?.();
          else if (envelope.event === "message.changed") listener(envelope);
        },
      });
      return () => tail.close();
    },
    connection: () => state,
    onConnection(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    importFile(file, { format, map, channel }) {
      const query = new URLSearchParams({ format, name: file.name });
      if (map !== "") query.set("map", map);
      if (channel !== "") query.set("channel", channel);
      return request<Job>(`/api/import?${query}`, {
        headers: { "content-type": "application/octet-stream" },
        body: file,
      });
    },
    download(job) {
      const link = document.createElement("a");
      link.href = `/api/exports/${encodeURIComponent(job.job_id)}`;
      link.download = job.file_name ?? "";
      link.click();
    },
    async signIn(token) {
      const reply = await signInWith(token);
      if (reply.ok) {
        setState("connecting");
        closeSocket();
        openSocket();
      }
      return reply;
    },
  };
}

async function signInWith(token: string): Promise<Reply<null>> {
  try {
    const response = await fetch("/open", {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ token }),
    });
    if (response.ok) return { ok: true, value: null };
    if (response.status === 401) {
      return failure({
        code: "unauthorized",
        message: "That is not this host's token. Copy it from the file `token` in the data directory.",
      });
    }
    return await readReply<null>(response);
  } catch {
    return failure(UNREACHABLE);
  }
}

function failure<T>(error: ErrorBody): Reply<T> {
  return { ok: false, error };
}

/** Also takes what is not a reply: a proxy's page, or the plain error shape of the HTTP API. */
async function readReply<T>(response: Response): Promise<Reply<T>> {
  const unexpected: ErrorBody = {
    code: response.status >= 500 ? "unavailable" : "internal",
    message: `The host answered with status ${response.status} and no explanation. Try again; if it stays so, look at the host's output.`,
  };
  try {
    const body: unknown = await response.json();
    if (typeof body !== "object" || body === null) return failure(unexpected);
    if ("ok" in body) return body as Reply<T>;
    if ("error" in body) return failure(body.error as ErrorBody);
    return failure(unexpected);
  } catch {
    return failure(unexpected);
  }
}
