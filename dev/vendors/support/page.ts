import { html, raw } from "hono/html";

const style = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif;
    --line: color-mix(in srgb, currentColor 16%, transparent);
    --soft: color-mix(in srgb, currentColor 5%, transparent);
    --accent: light-dark(#2450b8, #8fb1ff) }
  body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem 3rem }
  header { display: flex; align-items: baseline; gap: 1rem; flex-wrap: wrap; margin-bottom: 1.25rem }
  h1 { font-size: 1.35rem; margin: 0; overflow-wrap: anywhere }
  h2 { font-size: 1rem; margin: 2rem 0 .5rem }
  a { color: var(--accent) }
  .quiet { opacity: .7; margin: 0 }
  ul.rows { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line) }
  ul.rows li { border-bottom: 1px solid var(--line) }
  ul.rows a { display: grid; grid-template-columns: 13rem 1fr auto; gap: 1rem; padding: .55rem .4rem;
    color: inherit; text-decoration: none }
  ul.rows a:hover { background: var(--soft) }
  ul.rows span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
  @media (max-width: 40rem) { ul.rows a { grid-template-columns: 1fr auto } ul.rows .to { display: none } }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 }
  dt { opacity: .7 } dd { margin: 0; overflow-wrap: anywhere }
  form { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1.25rem 0 }
  button { font: inherit; padding: .25rem .9rem; cursor: pointer; border-radius: .4rem;
    border: 1px solid var(--line); background: var(--soft); color: inherit }
  button:hover { border-color: var(--accent) }
  iframe { width: 100%; height: 32rem; border: 1px solid var(--line); border-radius: .4rem;
    background: #fff; color-scheme: light; resize: vertical; overflow: auto }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: .8rem 1rem;
    border-radius: .4rem; margin: 0 }
`;

/** A value of hono's html, which escapes everything that is put into it. */
export type Markup = ReturnType<typeof html>;

/** The frame of every page of a stand-in: light or dark as the reader's system is, nothing loaded. */
export function renderPage(title: string, body: Markup): Markup {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <style>${raw(style)}</style>
      </head>
      <body>${body}</body>
    </html>
  `;
}
