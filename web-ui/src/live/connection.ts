import { EventParser, type ServerEvent } from "./parser";

/** How a live connection stands. `since` is when it was lost, in milliseconds since the epoch. */
export type LiveState =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  | { readonly kind: "lost"; readonly since: number }
  | { readonly kind: "refused"; readonly status: number };

export interface LiveHandlers {
  onEvent(event: ServerEvent): void;
  onState(state: LiveState): void;
}

/** What the connection asks of its surroundings; tests bring their own. */
export interface Surroundings {
  fetch(address: string, options: RequestInit): Promise<Response>;
  now(): number;
  random(): number;
  /** Calls back after so many milliseconds; returns how to call it off. */
  after(milliseconds: number, then: () => void): () => void;
}

export const browser: Surroundings = {
  fetch: (address, options) => window.fetch(address, options),
  now: () => Date.now(),
  random: () => Math.random(),
  after: (milliseconds, then) => {
    const timer = window.setTimeout(then, milliseconds);
    return () => {
      window.clearTimeout(timer);
    };
  },
};

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
/** The server sends a heartbeat more often than this; silence means that the line is dead. */
const SILENCE = 45_000;

/** The wait before attempt number `failures`: doubled each time, half of it by chance. */
export function waitBefore(failures: number, random: number): number {
  const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures - 1, 10));
  return most / 2 + (random * most) / 2;
}

/**
 * A stream of server-sent events that comes back by itself. After a break it tells the server the
 * last event that it has seen, so that none is missed. `EventSource` would do less: it gives up on
 * an answer that is not 200 and hides why, and its waits cannot be chosen.
 */
export class LiveConnection {
  readonly #address: string;
  readonly #handlers: LiveHandlers;
  readonly #around: Surroundings;
  #last: string;
  #failures = 0;
  #lostSince: number | null = null;
  #closed = false;
  #abort = new AbortController();
  #callOff: () => void = () => undefined;

  constructor(
    address: string,
    handlers: LiveHandlers,
    lastEvent = "",
    around: Surroundings = browser,
  ) {
    this.#address = address;
    this.#handlers = handlers;
    this.#last = lastEvent;
    this.#around = around;
  }

  /** Connect, and stay connected until `close`. */
  open(): void {
    this.#handlers.onState({ kind: "connecting" });
    void this.#attempt();
  }

  close(): void {
    this.#closed = true;
    this.#callOff();
    this.#abort.abort();
  }

  /** Try now instead of after the wait. */
  retryNow(): void {
    if (this.#closed || this.#lostSince === null) return;
    this.#callOff();
    this.#abort.abort();
    void this.#attempt();
  }

  async #attempt(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    let asked: number | null = null;
    try {
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (this.#last !== "") headers["last-event-id"] = this.#last;
      const response = await this.#around.fetch(this.#address, { headers, signal: abort.signal });
      if (response.ok && response.body !== null) {
        asked = await this.#read(response.body, abort);
      } else if (response.status < 500 && response.status !== 429) {
        this.#closed = true;
        this.#handlers.onState({ kind: "refused", status: response.status });
      } else {
        asked = secondsOf(response.headers.get("retry-after"));
      }
    } catch {
      // The network or the server went away: what follows says so and tries again.
    }
    // Whoever aborted this attempt has begun another or closed.
    if (!this.#closed && this.#abort === abort) this.#again(asked);
  }

  async #read(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<number | null> {
    const parser = new EventParser();
    parser.id = this.#last;
    const decoder = new TextDecoder();
    const reader = body.getReader();
    this.#opened();
    try {
      for (;;) {
        this.#callOff = this.#around.after(SILENCE, () => {
          void reader.cancel();
        });
        const { done, value } = await reader.read();
        this.#callOff();
        if (done || abort.signal.aborted) return parser.retry;
        for (const event of parser.feed(decoder.decode(value, { stream: true }))) {
          this.#handlers.onEvent(event);
        }
        this.#last = parser.id;
        this.#failures = 0;
      }
    } finally {
      this.#callOff();
    }
  }

  #opened(): void {
    this.#lostSince = null;
    this.#handlers.onState({ kind: "open" });
  }

  #again(asked: number | null): void {
    this.#failures += 1;
    this.#lostSince ??= this.#around.now();
    this.#handlers.onState({ kind: "lost", since: this.#lostSince });
    const wait = asked ?? waitBefore(this.#failures, this.#around.random());
    this.#callOff = this.#around.after(wait, () => {
      void this.#attempt();
    });
  }
}

function secondsOf(header: string | null): number | null {
  return header !== null && /^\d{1,5}$/.test(header) ? Number(header) * 1000 : null;
}
