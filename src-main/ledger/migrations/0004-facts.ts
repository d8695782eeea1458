import type { Migration } from "./index.ts";

/** The search index with the exact values of the records, made anew in the background. */
export const facts: Migration = {
  version: 4,
  name: "facts",
  up(database) {
    database.exec(`
      DROP TABLE message_search;
      -- Words and values of each message, by seq; filled in the background up to search_indexed_seq.
      CREATE VIRTUAL TABLE message_search USING fts5(
        body, error, recipients, sender, facts,
        content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0"
      );
      UPDATE ledger_meta SET value = '0' WHERE key = 'search_indexed_seq';
    `);
  },
};
