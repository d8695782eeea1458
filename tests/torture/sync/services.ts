import { hasPostgres, type Postgres, startPostgres } from "../../support/postgres.ts";
import { hasRabbitMq, type RabbitMq, startRabbitMq } from "../../support/rabbitmq.ts";
import { HarnessError, type Round, Skipped } from "../round.ts";

/** A broker and a PostgreSQL, which take longer to start than a round: the rounds of a run share them, one at a time. */
export type Services = { rabbit: RabbitMq; postgres: Postgres };

export type Borrowed = Services & {
  /** All faults are over: the next round may have them. Otherwise they end with the round. */
  areSound: () => void;
};

const free: Services[] = [];
let isEnding = false;

/** Those that no round has now, or new ones; throws `Skipped` where this machine has no such thing. */
export async function borrowServices(round: Round): Promise<Borrowed> {
  if (!hasRabbitMq) throw new Skipped("RabbitMQ is not installed: apt-get install rabbitmq-server");
  if (!hasPostgres) throw new Skipped("PostgreSQL is not installed: apt-get install postgresql");
  const services = free.pop() ?? (await startServices());
  let isSound = false;
  round.onEnd(async () => {
    if (isSound && !isEnding) free.push(services);
    else await end(services);
  });
  return {
    ...services,
    areSound: () => {
      isSound = true;
    },
  };
}

/** At the end of the run, and where it is interrupted: also those that are given back later. */
export async function endServices(): Promise<void> {
  isEnding = true;
  await Promise.all(free.splice(0).map(end));
}

async function startServices(): Promise<Services> {
  const [rabbit, postgres] = await Promise.allSettled([startRabbitMq(), startPostgres()]);
  if (rabbit.status === "fulfilled" && postgres.status === "fulfilled")
    return { rabbit: rabbit.value, postgres: postgres.value };
  for (const started of [rabbit, postgres]) if (started.status === "fulfilled") await started.value.stop();
  const reasons = [rabbit, postgres].flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  throw new HarnessError(`the broker and PostgreSQL did not start: ${reasons.map(String).join("; ")}`);
}

async function end({ rabbit, postgres }: Services): Promise<void> {
  await Promise.all([rabbit.stop(), postgres.stop()]);
}
