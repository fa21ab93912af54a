/** A program for a test: says who takes a token made with the key of its argument, under the environment it is given. */
import { Receiver } from "@upstash/qstash";
import { Secret } from "../../lib/secret.ts";
import { createVerifier } from "../../services/jobs/providers/qstash/mod.ts";
import { signDelivery } from "../support/delivery.ts";

const [key = ""] = Deno.args;
const url = "https://api.example.com/jobs/tick";
const body = "{}";
const own = { current: "sig_current_key", next: "sig_next_key" };
const verify = createVerifier({ current: new Secret(own.current), next: new Secret(own.next) });
const sdk = new Receiver({ currentSigningKey: own.current, nextSigningKey: own.next });
const signature = await signDelivery(url, body, { key });
console.log(JSON.stringify({
  sdkAlone: await sdk.verify({ signature, body, url }).catch(() => false),
  ours: await verify(signature, body, url),
  oursWithOwnKey: await verify(await signDelivery(url, body, { key: own.current }), body, url),
}));
