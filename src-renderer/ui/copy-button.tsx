import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, type ButtonSize } from "./button.tsx";
import { IconButton } from "./icon-button.tsx";
import { useToast } from "./toast.tsx";

const CONFIRMED_MS = 1_600;

export type CopyButtonProps = {
  /** A function is asked on the click: for what should not sit in the page, such as a secret. */
  value: string | (() => string | Promise<string>);
  label: string;
  showLabel?: boolean | undefined;
  size?: ButtonSize | undefined;
};

export function CopyButton({ value, label, showLabel = false, size = "sm" }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  const toast = useToast();
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), CONFIRMED_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof value === "string" ? value : await value());
      setCopied(true);
    } catch (error) {
      toast.error(error, "The clipboard did not take it");
    }
  };
  const icon = copied ? Check : Copy;
  const name = copied ? "Copied" : label;
  return (
    <>
      {showLabel ? (
        <Button icon={icon} size={size} onClick={() => void copy()}>
          {name}
        </Button>
      ) : (
        <IconButton icon={icon} label={name} size={size} onClick={() => void copy()} />
      )}
      <span aria-live="polite" className="visually-hidden">
        {copied ? "Copied" : ""}
      </span>
    </>
  );
}
