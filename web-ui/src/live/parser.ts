/** One server-sent event. */
export interface ServerEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/**
 * Reads a stream of server-sent events, in pieces cut anywhere. `feed` returns the events that a
 * piece completes; `id` is the last id seen, also of an event that carried no data.
 */
export class EventParser {
  id = "";
  /** Milliseconds that the server asks to wait before the next attempt, if it does. */
  retry: number | null = null;
  #rest = "";
  #type = "";
  #data: string[] = [];

  feed(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    this.#rest += text;
    // A carriage return at the end may be half of a line's end.
    const held = this.#rest.endsWith("\r") ? 1 : 0;
    const whole = this.#rest.slice(0, this.#rest.length - held);
    const lines = whole.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + this.#rest.slice(this.#rest.length - held);
    for (const line of lines) {
      const event = this.#line(line);
      if (event !== null) events.push(event);
    }
    return events;
  }

  #line(line: string): ServerEvent | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#type = value;
    else if (field === "id" && !value.includes("\0")) this.id = value;
    else if (field === "retry" && /^\d{1,9}$/.test(value)) this.retry = Number(value);
    return null;
  }

  #dispatch(): ServerEvent | null {
    const data = this.#data;
    const type = this.#type === "" ? "message" : this.#type;
    this.#data = [];
    this.#type = "";
    return data.length === 0 ? null : { id: this.id, type, data: data.join("\n") };
  }
}
