import { fail, isFailure } from "../../lib/errors.ts";
import { isUuid } from "../../lib/ids.ts";
import { authorise } from "../../services/authorise.ts";
import type { Ctx } from "../../services/ctx.ts";
import { listRunningJobs } from "../../services/jobs/mod.ts";
import { isSymbol, watchQuote } from "../../services/market_data/mod.ts";
import { getBadge } from "../../services/notifications/mod.ts";
import { getSimulation } from "../../services/plans/mod.ts";

/** Hears the frames of a channel, each already serialised. */
export type Hear = (data: string) => void;

/** How a channel is opened: checks that the caller may hear it, and answers how to close it again. */
type Open = (ctx: Ctx, subject: string, hear: Hear) => Promise<() => void>;

/** Every kind of channel there is, by the word before the colon. Each begins with what is known now. */
const kinds = new Map<string, Open>(Object.entries({
  inbox: async (ctx, subject, hear) => {
    const { userId } = authorise(ctx, "inbox:read");
    if (subject !== "") fail("not_found", { detail: "It is called inbox, whosever it is." });
    return await listenThenLook(ctx, `inbox:${userId}`, hear, () => getBadge(ctx));
  },
  simulations: async (ctx, id, hear) => {
    if (!isUuid(id)) fail("not_found");
    return await listenThenLook(ctx, `simulations:${id}`, hear, async () => {
      const { status, progress } = await getSimulation(ctx, id);
      return { status, progress };
    });
  },
  quotes: async (ctx, symbol, hear) => {
    authorise(ctx, "quotes:read");
    if (!isSymbol(symbol)) fail("unknown_symbol");
    return await watchQuote(ctx, symbol, hear);
  },
  jobs: async (ctx, subject, hear) => {
    authorise(ctx, "jobs:read");
    if (subject !== "") fail("not_found", { detail: "It is called jobs." });
    return await listenThenLook(ctx, "jobs", hear, async () => ({
      running: await listRunningJobs(ctx),
    }));
  },
}));

/** Opens `inbox`, `simulations:<id>`, `quotes:<symbol>` or `jobs` for the caller. Throws a failure of the catalogue. */
export async function openChannel(ctx: Ctx, channel: string, hear: Hear): Promise<() => void> {
  const [kind = "", subject = ""] = channel.split(/:(.*)/s);
  const open = kinds.get(kind) ??
    fail("not_found", { detail: "There is no channel of this kind." });
  return await open(ctx, subject, hear);
}

/** Looks when it hears already, so that nothing is missed in between; what it heard early comes after what it saw. */
async function listenThenLook(
  { live }: Ctx,
  channel: string,
  hear: Hear,
  look: () => Promise<unknown>,
): Promise<() => void> {
  let early: string[] | undefined = [];
  const close = live.listen(channel, (data) => {
    if (early) early.push(data);
    else hear(data);
  });
  try {
    await live.ready();
    hear(JSON.stringify(await look()));
    for (const data of early) hear(data);
    early = undefined;
    return close;
  } catch (error) {
    close();
    throw error;
  }
}

/** What a frame says of a channel that could not be opened. */
export function refusalOf(error: unknown): { code: string; detail?: string } {
  if (!isFailure(error)) return { code: "internal" };
  return { code: error.code, ...(error.details.detail ? { detail: error.details.detail } : {}) };
}
