import type { Health } from "../../../src-shared/contract/upkeep.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { formatNumber } from "../../ui/format.ts";
import { RelativeTime } from "../../ui/timestamp.tsx";
import { Fact, Facts } from "./facts.tsx";
import styles from "./proof-card.module.css";

type Chain = Health["chain"];

const STATES: Readonly<Record<Chain["state"], { label: string; tone: Tone }>> = {
  unverified: { label: "Not verified yet", tone: "neutral" },
  intact: { label: "Intact", tone: "success" },
  broken: { label: "Broken", tone: "danger" },
};

/** The chain of hashes over all commit groups: what the last full check found, and where it stands now. */
export function ChainFacts({ chain }: { chain: Chain }) {
  const { label, tone } = STATES[chain.state];
  return (
    <section aria-label="Chain" className={styles.half}>
      <h3 className={styles.heading}>
        Chain
        <Badge tone={tone}>{label}</Badge>
      </h3>
      {chain.first_broken !== null && (
        <p className={styles.trouble} role="alert">
          Group {formatNumber(chain.first_broken.group)} does not hold: {chain.first_broken.message}. Records
          from there on may have been altered: compare with a backup.
        </p>
      )}
      <Facts>
        <Fact name="Verified">
          {chain.verified_ts === null ? (
            <span className="muted">Never; a full check reads it through</span>
          ) : (
            <RelativeTime ts={chain.verified_ts} />
          )}
        </Fact>
        <Fact name="Commit groups">{formatNumber(chain.groups)}</Fact>
        {chain.head !== null && (
          <>
            <Fact name="Last group">
              <RelativeTime ts={chain.head.ts} />
            </Fact>
            <Fact name="Its SHA-256">
              <span className={styles.hash}>
                <code className="mono" title={chain.head.sha256}>
                  {chain.head.sha256}
                </code>
                <CopyButton
                  value={`${chain.head.group} ${chain.head.sha256}`}
                  label="Copy the group and its hash, as a receipt"
                />
              </span>
            </Fact>
          </>
        )}
      </Facts>
    </section>
  );
}
