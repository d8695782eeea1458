import type { Status } from "../../src-shared/status.ts";

/** What a writer was told of a record or a report: `unknown` where the answer never came. */
export type State = "acknowledged" | "refused" | "unknown";

export type SentRecord = {
  message_uuid?: string;
  /** `<stream>#<number>`: tells the record apart where its uuid is made by the host. */
  external_id: string;
  status: Status;
  message_data: Record<string, unknown>;
} & Record<string, unknown>;

export type Claim = {
  record: SentRecord;
  stream: string;
  uuid: string | null;
  state: State;
  /** Reports of its status, in the order sent. */
  reports: { status: Status; state: State }[];
  /** Sent more than once: its place among the others says nothing. */
  isResent: boolean;
};

/** All that was promised in a round: what Waybill acknowledged, what it refused, what nobody knows. */
export class Claims {
  /** By `external_id`, in the order sent. */
  readonly all = new Map<string, Claim>();
  /** Records whose page, frame or line was overwritten: they may be missing, but must be told of. */
  readonly mayBeLost = new Set<string>();
  /** Records of which a status change was overwritten: neither their history nor their status is certain. */
  readonly mayLoseHistory = new Set<string>();
  /** Records old enough for a `prune` that ran: there or not. */
  readonly mayBePruned = new Set<string>();

  send(stream: string, record: SentRecord): Claim {
    const uuid = record.message_uuid ?? null;
    const claim: Claim = { record, stream, uuid, state: "unknown", reports: [], isResent: false };
    this.all.set(record.external_id, claim);
    return claim;
  }

  count(state: State): number {
    return this.list(state).length;
  }

  list(state: State): Claim[] {
    return [...this.all.values()].filter((claim) => claim.state === state);
  }

  /** Reports of a status that were told as done. */
  acknowledgedReports(): number {
    let count = 0;
    for (const { reports } of this.all.values())
      count += reports.filter(({ state }) => state === "acknowledged").length;
    return count;
  }
}
