import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Written } from "../archive/write-batch.ts";
import type { Side } from "./worker.ts";

const SIDES: readonly Side[] = ["broker", "archive"];

/** What a worker did and how it stands, for Prometheus and for whoever asks after its health. */
export class WorkerMetrics {
  readonly #registry = new Registry();
  readonly #trouble = new Map<Side, string>(SIDES.map((side) => [side, "not reached yet"]));
  readonly #messages = new Counter({
    name: "waybill_consume_messages_total",
    help: "Messages that are in the archive, by what became of them: inserted, changed, unchanged",
    labelNames: ["outcome"],
    registers: [this.#registry],
  });
  readonly #dead = new Counter({
    name: "waybill_consume_dead_total",
    help: "Messages that were put among the dead, by their queue",
    labelNames: ["queue"],
    registers: [this.#registry],
  });
  readonly #seconds = new Histogram({
    name: "waybill_consume_batch_seconds",
    help: "How long a batch took to be committed",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.#registry],
  });
  readonly #up = new Gauge({
    name: "waybill_consume_up",
    help: "1 while the broker or the archive is within reach",
    labelNames: ["side"],
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    for (const outcome of ["inserted", "changed", "unchanged"]) this.#messages.inc({ outcome }, 0);
    for (const side of SIDES) this.#up.set({ side }, 0);
  }

  stored(written: Written, ms: number): void {
    for (const [outcome, count] of Object.entries(written)) this.#messages.inc({ outcome }, count);
    this.#seconds.observe(ms / 1_000);
  }

  buried(queue: string): void {
    this.#dead.inc({ queue });
  }

  trouble(side: Side, trouble: string | null): void {
    this.#up.set({ side }, trouble === null ? 1 : 0);
    if (trouble === null) this.#trouble.delete(side);
    else this.#trouble.set(side, trouble);
  }

  health(): { status: "ok" | "unavailable"; checks: Record<Side, string> } {
    const check = (side: Side): string => this.#trouble.get(side) ?? "ok";
    const checks = { broker: check("broker"), archive: check("archive") };
    return { status: this.#trouble.size === 0 ? "ok" : "unavailable", checks };
  }

  async text(): Promise<{ type: string; body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
