import * as z from "zod";
import { defineJob } from "../../workers/job.ts";
import type { Door } from "../workers/door.ts";
import type { SendMessage } from "./load.ts";

/** A short job whose only effect is a row with the number that it was sent. */
export const effectJob = defineJob({
  kind: "short",
  name: "effect_test",
  about: "Writes a row.",
  payload: z.object({ number: z.number() }),
  retries: 3,
  timeLimitSeconds: 30,
  async run({ sql }, { number }) {
    await sql`insert into effects values ('effect_test', ${String(number)})`;
  },
});

/** Sends messages for it as QStash does, signed; the same number again is the same message again. */
export function sendingTo(door: Door): SendMessage {
  return (number) =>
    door.send(effectJob.name, { key: `number-${number}`, version: 1, payload: { number } }, {
      messageId: `msg_${number}`,
    });
}
