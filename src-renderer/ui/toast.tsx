import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from "lucide-react";
import { Toast as RadixToast } from "radix-ui";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { toErrorBody } from "../../src-shared/errors.ts";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";
import { IconButton } from "./icon-button.tsx";
import styles from "./toast.module.css";

const SHOWN_MS = 5_000;
const FAILURE_SHOWN_MS = 10_000;
const MOST_AT_ONCE = 4;

const ICONS = { neutral: Info, success: CircleCheck, danger: CircleAlert, warning: TriangleAlert } as const;

export type ToastMessage = {
  title: string;
  description?: string | undefined;
  tone?: keyof typeof ICONS | undefined;
  action?: { label: string; onSelect: () => void } | undefined;
};

export type Toaster = {
  show(message: ToastMessage): void;
  /** The error's own sentence, under a title that says what was tried. */
  error(error: unknown, title?: string): void;
};

const ToastContext = createContext<Toaster | null>(null);

export function useToast(): Toaster {
  const toaster = useContext(ToastContext);
  if (toaster === null) throw new Error("useToast needs a ToastProvider above it");
  return toaster;
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<readonly (ToastMessage & { id: string })[]>([]);
  const show = useCallback((message: ToastMessage) => {
    setShown((list) => [...list, { ...message, id: crypto.randomUUID() }].slice(-MOST_AT_ONCE));
  }, []);
  const toaster = useMemo<Toaster>(
    () => ({
      show,
      error: (error, title = "That did not work") =>
        show({ title, description: toErrorBody(error).message, tone: "danger" }),
    }),
    [show],
  );
  return (
    <ToastContext value={toaster}>
      <RadixToast.Provider label="Notification" swipeDirection="right">
        {children}
        {shown.map((message) => (
          <ToastCard
            key={message.id}
            message={message}
            onClose={() => setShown((list) => list.filter(({ id }) => id !== message.id))}
          />
        ))}
        <RadixToast.Viewport className={styles.viewport} label="Notifications ({hotkey})" />
      </RadixToast.Provider>
    </ToastContext>
  );
}

function ToastCard({ message, onClose }: { message: ToastMessage; onClose: () => void }) {
  const { title, description, tone = "neutral", action } = message;
  const Icon = ICONS[tone];
  return (
    <RadixToast.Root
      className={classes(styles.toast, styles[tone])}
      duration={tone === "danger" ? FAILURE_SHOWN_MS : SHOWN_MS}
      type={tone === "danger" ? "foreground" : "background"}
      onOpenChange={(open) => !open && onClose()}
    >
      <Icon aria-hidden className={styles.icon} size={16} />
      <div className={styles.text}>
        <RadixToast.Title className={styles.title}>{title}</RadixToast.Title>
        {description && (
          <RadixToast.Description className={styles.description}>{description}</RadixToast.Description>
        )}
        {action && (
          <RadixToast.Action
            altText={action.label}
            asChild
            className={styles.action}
            onClick={action.onSelect}
          >
            <Button size="sm">{action.label}</Button>
          </RadixToast.Action>
        )}
      </div>
      <RadixToast.Close asChild>
        <IconButton icon={X} label="Dismiss" size="sm" />
      </RadixToast.Close>
    </RadixToast.Root>
  );
}
