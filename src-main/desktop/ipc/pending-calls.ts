/** The calls of one page, by their numbers: what it gives up, as while a query is typed, is not made to its end. */
export class PendingCalls {
  readonly #controllers = new Map<number, AbortController>();

  /** `signal` is given when the page gives the call up, or when `limit` is. */
  async run<T>(id: number, limit: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#controllers.set(id, controller);
    try {
      return await work(AbortSignal.any([controller.signal, limit]));
    } finally {
      if (this.#controllers.get(id) === controller) this.#controllers.delete(id);
    }
  }

  giveUp(id: number): void {
    this.#controllers.get(id)?.abort();
  }

  giveUpAll(): void {
    for (const controller of this.#controllers.values()) controller.abort();
  }
}
