import { fail, isFailure } from "../../lib/errors.ts";
import { isUuid } from "../../lib/ids.ts";
import { authorise } from "../../services/authorise.ts";
import type { Ctx } from "../../services/ctx.ts";
import { watchQuote } from "../../services/market_data/mod.ts";
import { getSimulation } from "../../services/plans/mod.ts";

/** Hears the frames of a channel, each already serialised. */
export type Hear = (data: string) => void;

/** How a channel is opened: checks that the caller may hear it, and answers how to close it again. */
type Open = (ctx: Ctx, subject: string, hear: Hear) => Promise<() => void>;

/** Every kind of channel there is, by the word before the colon. */
const kinds: Record<string, Open> = {
  inbox: (ctx, _subject, hear) => {
    const { userId } = authorise(ctx, "inbox:read");
    return Promise.resolve(ctx.live.listen(`inbox:${userId}`, hear));
  },
  simulations: async (ctx, id, hear) => {
    if (!isUuid(id)) fail("not_found");
    const simulation = await getSimulation(ctx, id);
    hear(JSON.stringify({ status: simulation.status, progress: simulation.progress }));
    return ctx.live.listen(`simulations:${id}`, hear);
  },
  quotes: (ctx, symbol, hear) => {
    authorise(ctx, "quotes:read");
    return watchQuote(ctx, symbol, hear);
  },
};

/** Opens `inbox`, `simulations:<id>` or `quotes:<symbol>` for the caller. Throws a failure of the catalogue. */
export async function openChannel(ctx: Ctx, channel: string, hear: Hear): Promise<() => void> {
  const [kind = "", subject = ""] = channel.split(/:(.*)/s);
  const open = kinds[kind] ?? fail("not_found", { detail: "There is no channel of this kind." });
  return await open(ctx, subject, hear);
}

/** What a frame says of a channel that could not be opened. */
export function refusalOf(error: unknown): { code: string; detail?: string } {
  if (!isFailure(error)) return { code: "internal" };
  return { code: error.code, ...(error.details.detail ? { detail: error.details.detail } : {}) };
}
