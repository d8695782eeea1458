import { BookOpen, Braces } from "lucide-react";
import { useProcedure } from "../../api/hooks.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { DataState, Skeleton } from "../../ui/states.tsx";
import styles from "./access-section.module.css";
import { CurlExample } from "./curl-example.tsx";
import { ExternalLink } from "./external-link.tsx";
import { SettingsSection } from "./settings-section.tsx";
import { TokenControl } from "./token-control.tsx";
import lines from "./value-line.module.css";

export function AccessSection() {
  const query = useProcedure("access.get", {});
  return (
    <SettingsSection
      title="API access"
      description="How your programs send records to this Waybill. Whoever has the token can read and write everything."
    >
      <DataState query={query} loading={<Skeleton height={220} />}>
        {({ url, token }) =>
          url === "" ? (
            <p>
              The HTTP API does not answer: switch it on under Desktop app. The waybill command works without
              it.
            </p>
          ) : (
            <>
              <div className={styles.value}>
                <h3 className={styles.name}>Base URL</h3>
                <p className={lines.line}>
                  <code className={lines.value}>{url}</code>
                  <CopyButton value={url} label="Copy the base URL" />
                </p>
              </div>
              <TokenControl token={token} />
              <CurlExample url={url} token={token} />
              <p className={lines.line}>
                <ExternalLink href="/docs" icon={BookOpen}>
                  API documentation
                </ExternalLink>
                <ExternalLink href="/openapi.json" icon={Braces}>
                  OpenAPI description
                </ExternalLink>
              </p>
            </>
          )
        }
      </DataState>
    </SettingsSection>
  );
}
