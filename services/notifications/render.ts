import type { Liquid } from "liquidjs";
import { fail } from "../../lib/errors.ts";
import type { MessageType } from "../preferences/mod.ts";
import { templateOf } from "./templates/mod.ts";

export interface RenderedMail {
  subject: string;
  html: string;
  text: string;
}

export interface RenderedItem {
  title: string;
  body: string;
}

/** For whom it is written: times of day are those on their wall. */
interface Reader {
  timeZone: string;
}

/** Fills in a template. The html one escapes what is filled in. */
type Render = (template: string, variables: object) => Promise<string>;

// Loops, sizes and time are bounded, and no file can be read: the engine would include from the disk by default.
const limits = { parseLimit: 200_000, renderLimit: 250, memoryLimit: 2_000_000 };
let renderers: Promise<{ html: Render; text: Render }> | undefined;

/** Checks the variables of a message before anything is queued: a hole in a mail is an error here, not a blank there. */
export function checkVariables(type: MessageType, data: Record<string, unknown>): void {
  const checked = templateOf(type)?.variables.safeParse(data);
  if (!checked || checked.success) return;
  const errors = checked.error.issues.map(({ path, message }) => ({
    path: ["data", ...path].join("."),
    message,
  }));
  fail("invalid_request", { errors });
}

/** The mail of a type; `internal` where there is no such text, which was checked when the message was asked for. */
export async function renderMail(
  type: MessageType,
  data: Record<string, unknown>,
  { timeZone }: Reader,
  publicUrl: string,
): Promise<RenderedMail> {
  const parts = templateOf(type)?.email ?? fail("internal");
  const { html, text } = await loadRenderers();
  const links = { home: publicUrl, preferences: `${publicUrl}/docs#get_preferences` };
  const variables = { ...data, timeZone, links };
  const [subject, htmlPart, textPart] = await Promise.all([
    text(parts.subject, variables),
    html(parts.html, variables),
    text(parts.text, variables),
  ]);
  // A line break in a subject would begin another header.
  return { subject: subject.replace(/\s+/g, " ").trim(), html: htmlPart, text: textPart };
}

export async function renderItem(
  type: MessageType,
  data: Record<string, unknown>,
  { timeZone }: Reader,
): Promise<RenderedItem> {
  const parts = templateOf(type)?.in_app ?? fail("internal");
  const { text } = await loadRenderers();
  const variables = { ...data, timeZone };
  const [title, body] = await Promise.all([
    text(parts.title, variables),
    text(parts.body, variables),
  ]);
  return { title, body };
}

function loadRenderers(): Promise<{ html: Render; text: Render }> {
  return renderers ??= import("liquidjs").then(({ Liquid }) => {
    const common = {
      ...limits,
      templates: {},
      ownPropertyOnly: true,
      strictVariables: true,
      strictFilters: true,
    };
    return {
      html: rendererOf(new Liquid({ ...common, outputEscape: "escape" })),
      text: rendererOf(new Liquid(common)),
    };
  });
}

/** Each text is parsed once; there are as many as are shipped. */
function rendererOf(engine: Liquid): Render {
  const parsed = new Map<string, ReturnType<Liquid["parse"]>>();
  engine.registerFilter("moment", formatMoment);
  return async (template, variables) => {
    const known = parsed.get(template) ?? engine.parse(template);
    parsed.set(template, known);
    return await engine.render(known, variables);
  };
}

// Making one takes half a millisecond, ten times what the rest of a mail does.
const formats = new Map<string, Intl.DateTimeFormat>();
const formatsMax = 100;

/** `30 January 2026 at 16:31`, on the clock of a time zone. */
function formatMoment(instant: string, timeZone: string): string {
  const format = formats.get(timeZone) ??
    new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone });
  if (formats.size < formatsMax) formats.set(timeZone, format);
  return format.format(new Date(instant));
}
