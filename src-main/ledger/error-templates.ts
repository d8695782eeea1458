import { errorTemplate, errorTemplateId } from "../../src-shared/error-template.ts";
import { cutPreview } from "../../src-shared/record.ts";

/** A template of error texts with the span of time it was seen in. */
export type SeenTemplate = { id: number; template: string; sample: string; first: number; last: number };

/** The template of an error text, as met at one moment. */
export function seenTemplate(text: string, ts: number): SeenTemplate {
  const template = errorTemplate(text);
  return { id: errorTemplateId(template), template, sample: cutPreview(text), first: ts, last: ts };
}

/** The templates of errors that were met, each with the span of all that were. */
export class ErrorTemplates {
  readonly #met = new Map<number, SeenTemplate>();

  /** Adds an error; gives the id of its template. */
  idOf(text: string, ts: number): number {
    const seen = seenTemplate(text, ts);
    this.add(seen);
    return seen.id;
  }

  add(seen: SeenTemplate): void {
    const known = this.#met.get(seen.id);
    if (known === undefined) {
      this.#met.set(seen.id, { ...seen });
      return;
    }
    known.first = Math.min(known.first, seen.first);
    known.last = Math.max(known.last, seen.last);
  }

  all(): SeenTemplate[] {
    return [...this.#met.values()];
  }

  clear(): void {
    this.#met.clear();
  }
}
