/** Sends single records at an even pace until it is told to stop; each is timed from when it was due. */
import { setTimeout as pause } from "node:timers/promises";
import { makeRecord, type Shape } from "../data/records.ts";
import { HttpClient } from "../http-client.ts";
import { serveTask } from "../task.ts";
import { timeOfDay } from "../time-of-day.ts";

type PostSinglesInput = { url: string; token: string; shape: Shape; first: number; rate: number };
/** When each was due, as a time of the day, and how long it took from then on, in milliseconds. */
export type Single = { dueMs: number; tookMs: number };
export type PostSinglesTask = (input: PostSinglesInput, stop: AbortSignal) => Promise<Single[]>;

const CONNECTIONS = 32;

serveTask<PostSinglesInput, Single[]>(async ({ url, token, shape, first, rate }, stop) => {
  const client = new HttpClient(url, token, CONNECTIONS);
  const singles: Single[] = [];
  const waiting: Promise<void>[] = [];
  const send = async (index: number, dueMs: number): Promise<void> => {
    const body = Buffer.from(JSON.stringify(makeRecord(shape, first + index).record));
    await client.post("/messages", body, "application/json");
    singles.push({ dueMs, tookMs: timeOfDay() - dueMs });
  };
  const started = timeOfDay();
  let index = 0;
  while (!stop.aborted) {
    const due = Math.floor(((timeOfDay() - started) * rate) / 1_000);
    for (; index < due; index += 1) waiting.push(send(index, started + (index * 1_000) / rate));
    await pause(1);
  }
  await Promise.all(waiting);
  client.close();
  return singles;
});
