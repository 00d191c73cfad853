/** Server-sent events over fetch: unlike EventSource it can name the event to go on after on the first call too. */

export interface StreamEvent {
  id: string;
  name: string;
  data: string;
}

/** Cuts a text stream into events as it arrives; a comment comes out as an event named `comment`. Pure but for its rest. */
export class EventCutter {
  private rest = "";

  push(chunk: string): StreamEvent[] {
    this.rest += chunk.replace(/\r\n?/g, "\n");
    const blocks = this.rest.split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.map(readBlock);
  }
}

function readBlock(block: string): StreamEvent {
  const event: StreamEvent = { id: "", name: "message", data: "" };
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith(":")) {
      if (data.length === 0) event.name = "comment";
      continue;
    }
    const at = line.indexOf(":");
    const field = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
    if (field === "event") event.name = value;
    if (field === "id") event.id = value;
    if (field === "data") data.push(value);
  }
  event.data = data.join("\n");
  return event;
}

/** Reads the stream to its end; returns when the other side ends it, throws when the net or the service refuses. */
export async function readStream(
  address: string,
  lastEvent: string,
  hear: (event: StreamEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const headers: Record<string, string> = { accept: "text/event-stream" };
  if (lastEvent !== "") headers["last-event-id"] = lastEvent;
  const reply = await fetch(address, { headers, signal, cache: "no-store", credentials: "same-origin" });
  if (!reply.ok || reply.body === null) throw new StreamRefused(reply.status);
  const cutter = new EventCutter();
  const reader = reply.body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of cutter.push(decoder.decode(value, { stream: true }))) hear(event);
  }
}

export class StreamRefused extends Error {
  constructor(readonly status: number) {
    super(`stream refused: ${status}`);
  }
}
