import { RotateCw } from "lucide-react";
import { useCallback, useMemo, useRef } from "react";
import { plural } from "../../../src-shared/plural.ts";
import { ExportReportButton } from "../../export/export-report-button.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { Page } from "../../ui/page.tsx";
import { ViewsMenu } from "../../views/views-menu.tsx";
import { ColumnMenu } from "./column-menu.tsx";
import type { FieldValue } from "./field-value.ts";
import { FilterChips } from "./filter-chips.tsx";
import { HistogramPanel } from "./histogram-panel.tsx";
import { LiveToggle } from "./live-toggle.tsx";
import { MessageDrawer } from "./message-drawer.tsx";
import { COMPACT_ROW_HEIGHT_PX, HEADER_HEIGHT_PX, ROW_HEIGHT_PX } from "./message-table.tsx";
import styles from "./messages-page.module.css";
import { hasPeriod, narrowed, withoutPeriod, withPeriod } from "./query-edit.ts";
import { QueryField } from "./query-field.tsx";
import { ResultCount } from "./result-count.tsx";
import { TableArea } from "./table-area.tsx";
import { useColumns } from "./use-columns.ts";
import { useElementWidth } from "./use-element-width.ts";
import { useMessageRows } from "./use-message-rows.ts";
import { useMessageShortcuts } from "./use-message-shortcuts.ts";
import { useMessagesUrl } from "./use-messages-url.ts";
import { useOpenMessage } from "./use-open-message.ts";
import { useViewColumns } from "./use-view-columns.ts";

const COMPACT_BELOW_PX = 640;

export function MessagesPage() {
  const url = useMessagesUrl();
  const columns = useColumns();
  const field = useRef<HTMLInputElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const width = useElementWidth(panel);
  const compact = width > 0 && width < COMPACT_BELOW_PX;
  const messages = useMessageRows({
    q: url.q,
    live: url.live,
    rowHeight: compact ? COMPACT_ROW_HEIGHT_PX : ROW_HEIGHT_PX,
    headerHeight: compact ? 0 : HEADER_HEIGHT_PX,
  });
  const { cursor, known, open, previous, next } = useOpenMessage(messages, url);
  const { q, search } = url;
  const shownQuery = messages.state.snapshot?.q ?? (messages.state.isReadable ? q : null);
  const filterBy = useCallback(
    (value: FieldValue, exclude: boolean) => search(narrowed(q, value, exclude)),
    [q, search],
  );
  const columnKeys = useMemo(() => columns.columns.map(({ key }) => key), [columns.columns]);
  useViewColumns(url.viewId, columns.lend);
  useMessageShortcuts({
    messages,
    cursor,
    columns: columns.columns,
    url,
    focusSearch: () => field.current?.select(),
    focusTable: () => grid.current?.focus(),
    filterBy,
  });

  return (
    <Page
      fill
      title={
        <>
          Messages <ResultCount messages={messages} />
        </>
      }
      documentTitle="Messages"
      actions={
        <>
          <LiveToggle live={url.live} onLive={url.setLive} />
          <ExportReportButton
            input={{ what: "messages", filter: q }}
            summary={`${messages.count === undefined ? "All messages" : plural(messages.count, "message")}${q === "" ? "" : `: ${q}`}`}
          />
        </>
      }
      toolbar={
        <div className={styles.toolbar}>
          <div className={styles.searchLine}>
            <QueryField q={q} onSearch={search} inputRef={field} />
            <ViewsMenu viewId={url.viewId} q={q} columns={columnKeys} onOpen={url.openView} />
            {!compact && <ColumnMenu columns={columns} />}
            <IconButton
              icon={RotateCw}
              label="Refresh"
              shortcut="r"
              variant="secondary"
              onClick={messages.state.refresh}
            />
          </div>
          <FilterChips q={q} onChange={search} onEmptied={() => field.current?.focus()} />
        </div>
      }
    >
      <div ref={panel} className={styles.panel}>
        {shownQuery !== null && (
          <HistogramPanel
            q={shownQuery}
            width={width}
            live={url.live}
            hasPeriod={hasPeriod(q)}
            onPeriod={(period) => search(withPeriod(q, period))}
            onClearPeriod={() => search(withoutPeriod(q))}
            onStatus={(status) => filterBy({ field: "status", value: status }, false)}
          />
        )}
        <TableArea
          messages={messages}
          cursor={cursor}
          columns={columns}
          compact={compact}
          q={q}
          selectedUuid={url.uuid}
          gridRef={grid}
          onOpen={open}
          onFilter={filterBy}
          onSearch={search}
        />
      </div>
      <MessageDrawer
        uuid={url.uuid}
        known={known}
        onPrevious={previous}
        onNext={next}
        onClose={() => {
          url.close();
          grid.current?.focus();
        }}
        onFilter={filterBy}
      />
    </Page>
  );
}
