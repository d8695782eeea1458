import { Link, useLocation } from "wouter";
import { useProcedure } from "../api/hooks.ts";
import { classes } from "../ui/classes.ts";
import { Kbd } from "../ui/kbd.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import { ViewLinks } from "../views/view-links.tsx";
import styles from "./frame.module.css";
import { Logo } from "./logo.tsx";
import { isAt, NAVIGATION } from "./navigation.ts";

export function Sidebar() {
  const version = useProcedure("health.get", {}).data?.version;
  return (
    <nav aria-label="Main" className={styles.sidebar}>
      <Link aria-label="Waybill, overview" className={styles.brand} href="/">
        <Logo size={22} />
        <span className={styles.word}>Waybill</span>
      </Link>
      <Destinations />
      {version !== undefined && <p className={styles.foot}>Waybill {version}</p>}
    </nav>
  );
}

/** The pages, in the sidebar or in the drawer of a phone. */
export function Destinations({ onGo }: { onGo?: () => void }) {
  const [path] = useLocation();
  return (
    <ul className={styles.items}>
      {NAVIGATION.map((destination) => {
        const isCurrent = isAt(destination, path);
        return (
          <li key={destination.path}>
            <Tooltip
              content={
                <>
                  {destination.label} <Kbd keys={destination.keys} />
                </>
              }
              side="right"
            >
              <Link
                aria-current={isCurrent ? "page" : undefined}
                className={classes(styles.item, isCurrent && styles.current)}
                href={destination.path}
                onClick={onGo}
              >
                <destination.icon aria-hidden size={16} />
                <span className={styles.word}>{destination.label}</span>
              </Link>
            </Tooltip>
            {destination.path === "/messages" && <ViewLinks onGo={onGo} />}
          </li>
        );
      })}
    </ul>
  );
}
