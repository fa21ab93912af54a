/** What this is, as `deno.json` says too: read from there it would carry that whole file into the edge's bundle. */
export const version = "0.1.0";
