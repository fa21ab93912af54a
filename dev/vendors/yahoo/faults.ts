const secondsOld = 3 * 86_400;

/** What can be wrong with an answer of Yahoo's beyond what can be wrong with anybody's. */
export const yahooFaults = {
  /** A page for people, with status 200. */
  html: () =>
    new Response("<!DOCTYPE html><html><body>Will be right back...</body></html>", {
      headers: { "content-type": "text/html" },
    }),
  /** NaN where the price should be, which is not even JSON. */
  nan: rewrite((text) => text.replace(/("regularMarketPrice"|"close"):(\[?)[\d.]+/g, "$1:$2NaN")),
  /** A price below zero. */
  negative: rewrite((text) => text.replace(/("regularMarketPrice"|"close"):(\[?)/g, "$1:$2-")),
  zero: rewrite((text) => text.replace(/("regularMarketPrice"|"close"):(\[?)[\d.]+/g, "$1:$20")),
  /** A price of three days ago. */
  old: rewrite((text) =>
    text.replace(
      /"regularMarketTime":(\d+)/,
      (_, time) => `"regularMarketTime":${Number(time) - secondsOld}`,
    )
  ),
  /** The price of something else. */
  other_symbol: rewrite((text) => text.replace(/"symbol":"[^"]+"/, '"symbol":"OTHER"')),
  /** Every price of the first bar is null. */
  holes: rewrite((text) => text.replace(/"(open|high|low|close|volume)":\[[\d.]+/g, '"$1":[null')),
};

function rewrite(change: (text: string) => string) {
  return async (answer: Response): Promise<Response> =>
    new Response(change(await answer.text()), { status: answer.status, headers: answer.headers });
}
