import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Hides what does not hold every word that is typed. Short enough to stand in the page; its digest is in the policy. */
const filterScript = `
const box = document.querySelector("input[type=search]");
box.hidden = false;
box.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const card of document.querySelectorAll("[data-find]")) {
    card.hidden = !words.every((word) => card.dataset.find.includes(word));
  }
  for (const part of document.querySelectorAll("section")) {
    part.hidden = words.length > 0 && !part.querySelector("[data-find]:not([hidden])");
  }
});
const open = () => {
  const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (found instanceof HTMLDetailsElement) found.open = true;
};
addEventListener("hashchange", open);
open();
`;

/** The policy under which a page of documentation is shown: its own styles, that one script, nothing else. */
export async function pagePolicy(): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(filterScript));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return `default-src 'self'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

/** A page of documentation: one file, nothing from elsewhere, light and dark, as narrow as a phone. */
export function page(title: string, nav: Html[], main: Html): string {
  return "<!doctype html>\n" + String(html`
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <style>${raw(style)}</style>
      </head>
      <body>
        <nav aria-label="Areas"><a class="home" href="/docs">Almanac</a>
    <input type="search" placeholder="Filter" aria-label="Filter" hidden>
    <div>${nav}</div></nav>
        <main>${main}</main>
        <script>${raw(filterScript)}</script>
      </body>
    </html>
  `);
}

/** Text with `code` and **bold** words. */
export function inline(text: string): (Html | string)[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`")) return html`<code>${part.slice(1, -1)}</code>`;
    return part.startsWith("**") ? html`<strong>${part.slice(2, -2)}</strong>` : part;
  });
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#d8dde3, #333a42); --soft: light-dark(#f4f6f8, #1b2026); --text: light-dark(#1c232b, #dfe5ec); --faint: light-dark(#5b6773, #95a1ae); --accent: light-dark(#0a6b4a, #5fd3a5); }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 15rem minmax(0, 1fr); color: var(--text); background: light-dark(#fff, #12161b); }
nav { position: sticky; top: 0; height: 100vh; padding: 1.5rem 1rem; border-right: 1px solid var(--line); overflow: auto; }
nav a { display: block; padding: .18rem .4rem; color: inherit; text-decoration: none; border-radius: .3rem; overflow-wrap: anywhere; }
nav a:hover { background: var(--soft); } nav .home { font-weight: 700; font-size: 1.15rem; margin-bottom: .6rem; }
input[type=search] { width: 100%; margin: 0 0 .8rem; padding: .4rem .6rem; font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; }
main { padding: 2rem clamp(1rem, 4vw, 3rem) 6rem; max-width: 64rem; width: 100%; }
h1 { margin-top: 0; } h2 { margin: 2.5rem 0 .2rem; } h3 { margin: 1.2rem 0 .3rem; font-size: 1rem; }
section > p { margin-top: 0; color: var(--faint); }
a { color: var(--accent); }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; background: light-dark(#fff, #161b21); }
details > :not(summary) { margin-left: .9rem; margin-right: .9rem; }
summary { cursor: pointer; display: flex; gap: .2rem .8rem; align-items: baseline; flex-wrap: wrap; padding: .55rem .9rem; list-style: none; }
summary::-webkit-details-marker { display: none; } details[open] > summary { border-bottom: 1px solid var(--line); }
summary b { min-width: 3.6rem; font-size: .75rem; letter-spacing: .04em; } summary code { font-weight: 600; } summary span { flex: 1 1 14rem; color: var(--faint); }
small { color: var(--faint); } [hidden] { display: none !important; }
b.get { color: light-dark(#0757b8, #76b3ff); } b.post { color: light-dark(#0a6b2e, #6edc8c); } b.delete { color: light-dark(#b3161b, #ff8b85); }
b.put, b.patch { color: light-dark(#8a4b00, #ffbe63); }
pre { background: var(--soft); padding: .7rem .9rem; border-radius: .4rem; overflow: auto; font-size: .8rem; line-height: 1.45; max-height: 26rem; margin-top: .3rem; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; } code { font-size: .88em; overflow-wrap: anywhere; } pre code { font-size: inherit; }
dl { display: grid; grid-template-columns: 3.2rem minmax(0, 1fr); gap: .3rem .6rem; } dt { font-weight: 650; } dd { margin: 0; }
table { border-collapse: collapse; width: calc(100% - 1.8rem); font-size: .92rem; } th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
.problem { border-bottom: 1px solid var(--line); padding: .6rem 0; } .problem h3 { margin: 0; } .problem p { margin: .2rem 0; } .problem:target { background: var(--soft); }
@media (max-width: 46rem) { body { display: block; } nav { position: static; height: auto; border: 0; border-bottom: 1px solid var(--line); padding: 1rem; } nav div a { display: inline-block; padding: .1rem .5rem .1rem 0; } main { padding: 1rem 1rem 4rem; } details > :not(summary) { margin-left: .6rem; margin-right: .6rem; } summary { padding: .55rem .6rem; } table { width: calc(100% - 1.2rem); } }
`;
