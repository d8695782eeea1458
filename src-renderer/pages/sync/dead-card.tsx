import { CircleCheck, Search } from "lucide-react";
import { useId, useState } from "react";
import { useProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { SegmentedControl } from "../../ui/segmented-control.tsx";
import { DataState, EmptyState } from "../../ui/states.tsx";
import { TextField } from "../../ui/text-field.tsx";
import styles from "./dead-card.module.css";
import { DeadList } from "./dead-list.tsx";

/** Most queues have no dead, and the broker writes into its log that it was asked for what is not there. */
const LOOK_MS = 5 * 60_000;
const COUNT_MS = 30_000;
const MAX_ALSO = 20;

/** The queues that have dead, or had: looked for now and then, and at each opening and deed; counted often. */
function useDeadQueues(also: readonly string[]) {
  const looked = useProcedure(
    "dead.queues",
    { also: [...also] },
    { refetchInterval: LOOK_MS, keepPrevious: true },
  );
  const only = looked.data?.queues.map(({ queue }) => queue) ?? [];
  const counted = useProcedure(
    "dead.queues",
    { only },
    { refetchInterval: COUNT_MS, keepPrevious: true, enabled: only.length > 0 },
  );
  return only.length === 0 || looked.isPlaceholderData || counted.data === undefined ? looked : counted;
}

/** What consumers could not store, by the queue that it came from. Nothing where no broker is connected. */
export function DeadCard() {
  const [also, setAlso] = useState<readonly string[]>([]);
  const [wanted, setWanted] = useState<string | null>(null);
  const query = useDeadQueues(also);
  const { data, error } = query;
  if (data === undefined ? error === null : !data.configured) return null;
  const queues = data?.queues.filter(({ dead }) => dead > 0) ?? [];
  const shown = queues.find(({ queue }) => queue === wanted) ?? queues[0];
  return (
    <Card
      title="Dead messages"
      description="What a consumer could not store waits in <queue>.dead, alone, with the reason. All else goes on."
      flush
      actions={
        queues.length > 1 && (
          <SegmentedControl
            label="Dead messages of"
            options={queues.map(({ queue, dead }) => ({
              value: queue,
              label: `${queue} ${formatNumber(dead)}`,
            }))}
            size="sm"
            value={shown?.queue ?? ""}
            onValueChange={setWanted}
          />
        )
      }
    >
      <DataState query={query} loading={null}>
        {() => (
          <>
            {shown === undefined ? (
              <EmptyState
                icon={CircleCheck}
                title="No message is dead"
                description="Consumers could store what they took."
              />
            ) : (
              <DeadList key={shown.queue} queue={shown.queue} dead={shown.dead} />
            )}
            <OtherQueue
              isAsking={query.isPlaceholderData}
              answer={wanted === null || wanted === shown?.queue ? null : `No message of ${wanted} is dead.`}
              onAsk={(queue) => {
                setAlso([queue, ...also.filter((each) => each !== queue)].slice(0, MAX_ALSO));
                setWanted(queue);
              }}
            />
          </>
        )}
      </DataState>
    </Card>
  );
}

type OtherQueueProps = {
  isAsking: boolean;
  /** What was found of the last one that was asked for; null where it is shown above. */
  answer: string | null;
  onAsk: (queue: string) => void;
};

/** A host does not know which queues the consumers of other machines read. */
function OtherQueue({ isAsking, answer, onAsk }: OtherQueueProps) {
  const id = useId();
  const [name, setName] = useState("");
  const queue = name.trim().replace(/\.dead$/, "");
  return (
    <form
      className={styles.other}
      onSubmit={(event) => {
        event.preventDefault();
        if (queue === "") return;
        onAsk(queue);
        setName("");
      }}
    >
      <TextField
        id={id}
        label="Another queue"
        hideLabel
        placeholder="Another queue, such as orders"
        size="sm"
        maxLength={250}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button icon={Search} size="sm" type="submit" busy={isAsking} disabled={queue === ""}>
        Look there, too
      </Button>
      <p className="muted" aria-live="polite">
        {!isAsking && answer}
      </p>
    </form>
  );
}
