import { Braces, Copy, Fingerprint, Link2, Terminal } from "lucide-react";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { useClient } from "../../api/client.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Menu, MenuItem } from "../../ui/menu.tsx";
import { useToast } from "../../ui/toast.tsx";

export function CopyMenu({ message }: { message: MessageRecord }) {
  const toast = useToast();
  const client = useClient();
  const copy = async (what: string, text: () => string | Promise<string>) => {
    try {
      await navigator.clipboard.writeText(await text());
      toast.show({ title: `${what} copied`, tone: "success" });
    } catch (error) {
      toast.error(error, "The clipboard did not take it");
    }
  };
  /** Reads the token from its file when it is run: a secret does not belong in the clipboard. */
  const curl = async () => {
    const { url, data_dir } = await client.call("access.get", {});
    const address = new URL(`/messages/${message.message_uuid}`, url);
    return `curl -H "Authorization: Bearer $(cat '${data_dir}/token')" ${address}`;
  };
  return (
    <Menu label="Copy" trigger={<IconButton icon={Copy} label="Copy" />}>
      <MenuItem icon={Fingerprint} onSelect={() => void copy("UUID", () => message.message_uuid)}>
        Copy UUID
      </MenuItem>
      <MenuItem icon={Braces} onSelect={() => void copy("JSON", () => JSON.stringify(message, null, 2))}>
        Copy JSON
      </MenuItem>
      <MenuItem icon={Terminal} onSelect={() => void copy("Command", curl)}>
        Copy as curl
      </MenuItem>
      <MenuItem icon={Link2} onSelect={() => void copy("Link", () => location.href)}>
        Copy link
      </MenuItem>
    </Menu>
  );
}
