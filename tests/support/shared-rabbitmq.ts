import { afterAll } from "vitest";
import { type RabbitMq, type RabbitMqRequest, startRabbitMq } from "./rabbitmq.ts";

/** A broker of this test file, started by the first call, stopped after the last test. */
export function sharedRabbitMq(request: RabbitMqRequest = {}): () => Promise<RabbitMq> {
  let started: Promise<RabbitMq> | null = null;
  afterAll(async () => {
    await (await started)?.stop();
  });
  return () => {
    started ??= startRabbitMq(request);
    return started;
  };
}
