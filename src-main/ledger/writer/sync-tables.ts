import { WaybillError } from "../../../src-shared/errors.ts";
import { hasEnded } from "../lease-owner.ts";
import type { WritableDatabase } from "../open.ts";
import type { RelaySave, SinkSave, SyncOrder } from "../sync-save.ts";

const FOLLOWS = `position >= @position AND id = (
  SELECT id FROM sync_parked WHERE sink = @sink AND stream = @stream AND position = @position)`;

function prepare(database: WritableDatabase) {
  return {
    lease: database.prepare(
      `INSERT INTO sync_lease (lease, owner, until_ts) VALUES (1, @owner, @until)
       ON CONFLICT (lease) DO UPDATE SET owner = excluded.owner, until_ts = excluded.until_ts
         WHERE owner IN (excluded.owner, @ended) OR until_ts < @now OR until_ts > @now + 10 * @leaseMs`,
    ),
    holder: database.prepare("SELECT owner FROM sync_lease").pluck(),
    sink: database.prepare(
      `INSERT INTO sync_sinks (sink, enabled, target, live) VALUES (@sink, 1, @target, @live)
       ON CONFLICT (sink) DO UPDATE SET enabled = 1, target = excluded.target, live = excluded.live`,
    ),
    beginStream: database.prepare(
      "INSERT INTO sync_streams (sink, stream) VALUES (?, ?) ON CONFLICT DO NOTHING",
    ),
    advance: database.prepare(
      `UPDATE sync_streams SET position = @position, delivered = delivered + @delivered, removed = removed + @removed
       WHERE sink = @sink AND stream = @stream AND position = @from`,
    ),
    deliveredAt: database.prepare(
      `INSERT INTO sync_deliveries (sink, stream, late, position, ts) VALUES (@sink, @stream, @late, @position, @now)
       ON CONFLICT DO UPDATE SET ts = excluded.ts`,
    ),
    park: database.prepare(
      `INSERT INTO sync_parked (sink, stream, position, id, revision, reason, parked_ts)
       VALUES (@sink, @stream, @position, @id, @revision, @reason, @now) ON CONFLICT DO NOTHING`,
    ),
    parkAgain: database.prepare(
      `UPDATE sync_parked SET reason = @reason, attempts = attempts + 1, retrying = 0
       WHERE sink = @sink AND stream = @stream AND position = @position`,
    ),
    holdFollowers: database.prepare(
      `UPDATE sync_parked SET retrying = 0 WHERE sink = @sink AND stream = @stream AND ${FOLLOWS}`,
    ),
    unpark: database.prepare(
      "DELETE FROM sync_parked WHERE sink = @sink AND stream = @stream AND position = @position",
    ),
    countRetried: database.prepare(
      `UPDATE sync_streams SET delivered = delivered + @delivered, removed = removed + @removed
       WHERE sink = @sink AND stream = @stream`,
    ),
    resend: database.prepare("UPDATE sync_resends SET next = @next WHERE resend_id = @resend_id"),
    endResend: database.prepare("DELETE FROM sync_resends WHERE resend_id = ? AND next > last"),
    addResend: database.prepare("INSERT INTO sync_resends (sink, stream, next, last) VALUES (?, ?, ?, ?)"),
    outage: database.prepare(
      `INSERT INTO sync_outages (sink, since_ts, until_ts, message, tries) VALUES (@sink, @since, @until, @message, @tries)
       ON CONFLICT DO UPDATE SET until_ts = excluded.until_ts, message = excluded.message, tries = excluded.tries`,
    ),
    pause: database.prepare(
      `INSERT INTO sync_sinks (sink, paused) VALUES (@sink, @paused)
       ON CONFLICT (sink) DO UPDATE SET paused = excluded.paused`,
    ),
    retryAll: database.prepare(
      "UPDATE sync_parked SET retrying = 1 WHERE (@sink IS NULL OR sink = @sink) AND retrying = 0",
    ),
    // With what waits behind it: later changes of the same message.
    retryOne: database.prepare(
      `UPDATE sync_parked SET retrying = 1 WHERE sink = @sink AND stream = @stream AND ${FOLLOWS}`,
    ),
    edit: database.prepare(
      `UPDATE sync_parked SET body = @body
       WHERE sink = @sink AND stream = @stream AND position = @position`,
    ),
    off: database.prepare("UPDATE sync_sinks SET enabled = 0 WHERE sink = ?"),
    release: database.prepare("DELETE FROM sync_lease WHERE owner = ?"),
  };
}

/** The writer's side of forwarding: what a relay did, and what operators ask of it. */
export class SyncTables {
  readonly #database: WritableDatabase;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: WritableDatabase) {
    this.#database = database;
    this.#statements = prepare(database);
  }

  /**
   * Saves all of it or nothing. False where another host forwards now. Throws `conflict` where the stored
   * positions are not those that the relay went on from: it has to read them anew. Throws SQLite's error.
   */
  save({ owner, leaseMs, sinks }: RelaySave, now: number): boolean {
    return this.#database
      .transaction(() => {
        const holder = this.#statements.holder.get() as string | undefined;
        const ended = holder !== undefined && holder !== owner && hasEnded(holder) ? holder : null;
        const { changes } = this.#statements.lease.run({ owner, until: now + leaseMs, now, leaseMs, ended });
        if (changes === 0) return false;
        for (const sink of sinks) this.#saveSink(sink, now);
        return true;
      })
      .immediate();
  }

  /** How many rows it was about. Throws SQLite's error. */
  order(order: SyncOrder): number {
    return this.#database.transaction(() => this.#obey(order)).immediate();
  }

  #obey(order: SyncOrder): number {
    const { pause, retryAll, retryOne, edit, addResend, off, release } = this.#statements;
    switch (order.order) {
      case "pause":
        return pause.run({ sink: order.sink, paused: order.paused ? 1 : 0 }).changes;
      case "retry":
        if (order.parked === null) return retryAll.run({ sink: order.sink }).changes;
        return order.parked.reduce((sum, key) => sum + retryOne.run(key).changes, 0);
      case "edit":
        if (edit.run({ ...order.parked, body: order.body }).changes === 0) return 0;
        retryOne.run(order.parked);
        return 1;
      case "resend":
        for (const [first, last] of order.ranges) addResend.run(order.sink, order.stream, first, last);
        return order.ranges.length;
      case "off":
        return off.run(order.sink).changes;
      case "release":
        return release.run(order.owner).changes;
    }
  }

  #saveSink(save: SinkSave, now: number): void {
    const { sink, target, live } = save;
    const statements = this.#statements;
    statements.sink.run({ sink, target, live });
    for (const { parked, ...progress } of save.progress) {
      const { stream, from, position, delivered, removed } = progress;
      statements.beginStream.run(sink, stream);
      const moved = statements.advance.run({ sink, stream, from, position, delivered, removed });
      if (moved.changes === 0)
        throw new WaybillError("conflict", `Another relay moved the ${stream} stream of ${sink}.`);
      if (delivered > 0) statements.deliveredAt.run({ sink, stream, late: 0, position, now });
      for (const each of parked) statements.park.run({ sink, stream, ...each, now });
    }
    for (const { stream, position, outcome } of save.retries) {
      const key = { sink, stream, position };
      if (outcome.kind === "parked") {
        statements.holdFollowers.run(key);
        statements.parkAgain.run({ ...key, reason: outcome.reason });
        continue;
      }
      if (statements.unpark.run(key).changes === 0) continue;
      const isDelivered = outcome.kind === "delivered";
      statements.countRetried.run({
        sink,
        stream,
        delivered: isDelivered ? 1 : 0,
        removed: isDelivered ? 0 : 1,
      });
      if (isDelivered) statements.deliveredAt.run({ ...key, late: 1, now });
    }
    for (const resend of save.resends) {
      statements.resend.run(resend);
      statements.endResend.run(resend.resend_id);
    }
    for (const outage of save.outages) statements.outage.run({ sink, ...outage });
  }
}
