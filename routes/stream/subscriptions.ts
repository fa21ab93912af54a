import { fail } from "../../lib/errors.ts";
import type { Ctx } from "../../services/ctx.ts";
import { type Hear, openChannel } from "./channels.ts";

const channelsMax = 200;

/** The channels that one client listens to. */
export interface Subscriptions {
  /** Does nothing for a channel that is open. Throws a failure of the catalogue where it may not be. */
  open(ctx: Ctx, channel: string, hear: Hear): Promise<void>;
  close(channel: string): void;
  /** Ends all of them, those that are still being opened too, and opens no other. */
  closeAll(): void;
}

export function createSubscriptions(): Subscriptions {
  const closers = new Map<string, () => void>();
  let over = false;

  function close(channel: string) {
    closers.get(channel)?.();
    closers.delete(channel);
  }

  return {
    async open(ctx, channel, hear) {
      if (over || closers.has(channel)) return;
      if (closers.size >= channelsMax) {
        fail("too_many_requests", {
          detail: `At most ${channelsMax} channels are open at a time.`,
        });
      }
      const giveUp = new AbortController();
      const stop = () => giveUp.abort();
      closers.set(channel, stop);
      try {
        const end = await openChannel(ctx, channel, (data) => {
          if (!giveUp.signal.aborted) hear(data);
        });
        // Whoever has left while it was being opened must not leave a listener behind.
        if (giveUp.signal.aborted) end();
        else giveUp.signal.addEventListener("abort", end);
      } catch (error) {
        if (closers.get(channel) === stop) closers.delete(channel);
        throw error;
      }
    },
    close,
    closeAll() {
      over = true;
      for (const channel of [...closers.keys()]) close(channel);
    },
  };
}
