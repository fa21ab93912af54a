/** What the people of a case have learnt from answers: the ids of what they made, and the tags of versions. */
import type { Answered } from "./judge.ts";
import type { Actor, PathChoice, Plan } from "./plans.ts";

export interface Knowledge {
  /** The id to ask for, and whether it is somebody else's, or taken away; undefined where nothing fits the choice. */
  find(actor: Actor, noun: string, choice: PathChoice): Found;
  learn(plan: Plan, path: string, answered: Answered): void;
  tagOf(path: string): string | undefined;
}

export interface Found {
  text: string;
  standing: "own" | "foreign" | "gone" | "unknown";
}

const unknownId = "0190b0f0-0000-7000-8000-00000000dead";
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createKnowledge(): Knowledge {
  const owners = new Map<string, { actor: Actor; noun: string; isGone: boolean }>();
  const tags = new Map<string, string>();
  let anythingGone = false;

  const idsOf = (noun: string, fits: (actor: Actor, isGone: boolean) => boolean) =>
    [...owners].filter(([, known]) => known.noun === noun && fits(known.actor, known.isGone))
      .map(([id]) => id);

  return {
    find(actor, noun, choice) {
      if (choice.from === "text") return { text: choice.text, standing: "unknown" };
      const { from, pick } = choice;
      const ids = idsOf(noun, (owner, isGone) => {
        if (from === "gone") return isGone && owner === actor;
        return !isGone && (owner === actor) === (from === "own");
      });
      const id = ids[pick % Math.max(ids.length, 1)];
      if (id === undefined) return { text: unknownId, standing: "unknown" };
      // What belonged to something that was taken away may be gone with it.
      return { text: id, standing: from === "own" && anythingGone ? "unknown" : from };
    },
    learn({ operation, actor }, path, { status, headers, text }) {
      if (status >= 300 || actor === "staff" || actor === "nobody") return;
      const [, , noun = "", id = ""] = path.split("/");
      const own = owners.get(id);
      // 204 means that it is no more; what was ended only, such as a simulation, is answered and stays.
      if (operation.method === "DELETE" && status === 204 && own) own.isGone = anythingGone = true;
      const tag = headers.get("etag");
      if (tag !== null) tags.set(path, tag);
      const [, madeNoun = "", madeId = ""] =
        /^\/v1\/([\w-]+)\/([^/?]+)$/.exec(headers.get("location") ?? "") ?? [];
      if (uuid.test(madeId)) owners.set(madeId, { actor, noun: madeNoun, isGone: false });
      for (const listed of listedIds(text)) {
        if (path.split("/").length === 3 && !owners.has(listed)) {
          owners.set(listed, { actor, noun, isGone: false });
        }
      }
    },
    tagOf: (path) => tags.get(path),
  };
}

function listedIds(text: string): string[] {
  try {
    const { items } = JSON.parse(text) as { items?: { id?: string }[] };
    return (items ?? []).map(({ id }) => id ?? "").filter((id) => uuid.test(id));
  } catch {
    return [];
  }
}
