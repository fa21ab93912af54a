/** `deno task settings`: writes `.env.example`. */
import { renderEnvExample } from "../config.ts";

await Deno.writeTextFile(".env.example", renderEnvExample());
console.log("Wrote .env.example");
