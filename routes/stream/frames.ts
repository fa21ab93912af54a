import type { Ctx } from "../../services/ctx.ts";

/** Where frames go, and how a session is ended from inside. */
export interface Sink {
  /** False where the reader is too far behind to be sent anything. */
  send(frame: string): boolean;
  end(code: number, reason: string): void;
}

export interface Frames {
  /** Sends data that is serialised already: once for all sockets, only the frame around it is this one's own. */
  put(channel: string, data: string): void;
  tell(channel: string, data: unknown): void;
}

/** A reader who has missed so many frames in a row does not read at all. */
const lostMax = 1_000;

/**
 * The frames of one session, each with the next number, so that a client sees from a gap that it has missed some.
 * Nothing is sent to a sign-in that has ended.
 *
 * @param sessionId whose sign-in the frames are for; undefined before anybody has signed in
 */
export function createFrames(
  { revocations }: Ctx["keys"],
  sink: Sink,
  sessionId: () => string | undefined,
): Frames {
  let count = 0;
  let lostCount = 0;

  function send(channel: string, data: string) {
    const signIn = sessionId();
    if (signIn !== undefined && revocations.has(signIn)) return sink.end(4401, "signed out");
    const frame = `{"id":"${++count}","channel":${JSON.stringify(channel)},"data":${data}}`;
    lostCount = sink.send(frame) ? 0 : lostCount + 1;
    if (lostCount >= lostMax) sink.end(1013, "too slow");
  }

  function put(channel: string, data: string) {
    // After a silence it is not known who has signed out meanwhile, so the frame waits until it is.
    const behind = revocations.catchUp();
    if (behind) behind.then(() => send(channel, data));
    else send(channel, data);
  }

  return { put, tell: (channel, data) => put(channel, JSON.stringify(data)) };
}
