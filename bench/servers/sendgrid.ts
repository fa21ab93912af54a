/** The stand-in for SendGrid as a process of its own; its argument is the key that it takes. */
import { startSendGrid } from "../../dev/vendors/sendgrid.ts";

const [apiKey] = Deno.args;
const { url } = await startSendGrid({ apiKey });
console.log(JSON.stringify({ port: Number(new URL(url).port) }));
