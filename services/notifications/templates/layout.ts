/**
 * The frame of every mail: tables, since mail clients know little else, and dark colours for those that ask. Where a
 * client drops the style sheet the text still reads in order. `preview` is what a list of mails shows beside the
 * subject. Both arguments are Liquid.
 */
export function mailLayout(preview: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>Almanac</title>
<style>${style}</style>
</head>
<body>
<div class="preview">${preview}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="edge" align="center">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="inside">
<p class="brand">Almanac</p>
${content}
</td></tr></table>
<p class="foot"><a href="{{ links.preferences }}">Choose what we tell you</a></p>
</td></tr></table>
</body>
</html>`;
}

const style = `
:root { color-scheme: light dark; }
body { margin: 0; padding: 0; background: #f3f4f1; color: #1b211e;
  font: 16px/1.5 -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; -webkit-text-size-adjust: 100%; }
.preview { display: none; max-height: 0; overflow: hidden; }
.edge { padding: 32px 12px; }
.card { max-width: 560px; background: #ffffff; border: 1px solid #e3e6e0; border-radius: 12px; text-align: left; }
.inside { padding: 28px 32px 32px; }
.brand { margin: 0 0 20px; color: #0b6e4f; font-size: 14px; font-weight: 600; letter-spacing: .02em; }
h1 { margin: 0 0 12px; font-size: 22px; line-height: 1.3; font-weight: 600; }
p { margin: 0 0 12px; }
.figure { margin: 4px 0 16px; font-size: 34px; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
.note { padding: 8px 14px; border-left: 3px solid #0b6e4f; background: #f3f4f1; white-space: pre-line; }
.action { margin: 20px 0 0; }
.button { display: inline-block; padding: 11px 20px; border-radius: 8px; background: #0b6e4f; color: #ffffff;
  font-weight: 600; text-decoration: none; }
.small { margin: 16px 0 0; color: #5c6661; font-size: 13px; }
.foot { margin: 20px 0 0; color: #5c6661; font-size: 13px; text-align: center; }
.foot a { color: #5c6661; }
@media (prefers-color-scheme: dark) {
  body { background: #121614; color: #e7ebe8; }
  .card { background: #1c221f; border-color: #2c3430; }
  .brand { color: #5fc79d; }
  .note { background: #252c28; border-color: #5fc79d; }
  .button { background: #5fc79d; color: #0c1a14; }
  .small, .foot, .foot a { color: #a3aea8; }
}
@media (max-width: 480px) {
  .edge { padding: 16px 8px; }
  .inside { padding: 22px 20px 24px; }
}
`;
