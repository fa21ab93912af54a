import type { MailBody } from "./body.ts";
import type { Outbox } from "./outbox.ts";

/** What becomes of a valid mail. */
export interface Intake {
  /** Keeps it; returns its `X-Message-Id`. */
  take(mail: MailBody): string;
  /** How many were taken, repeated ones included. */
  count(): number;
  setIdempotent(idempotent: boolean): void;
}

/** Sends each mail as often as it is asked to, as SendGrid does; or, once told, each `notificationId` once. */
export function createIntake(outbox: Outbox): Intake {
  const earlier = new Map<string, string>();
  let isIdempotent = false;
  let taken = 0;

  function take(mail: MailBody): string {
    taken++;
    const key = mail.personalizations[0]?.custom_args?.notificationId;
    const known = isIdempotent && key !== undefined ? earlier.get(key) : undefined;
    if (known !== undefined) return known;
    const id = outbox.add(mail);
    if (key !== undefined) earlier.set(key, id);
    return id;
  }

  return {
    take,
    count: () => taken,
    setIdempotent: (idempotent) => {
      isIdempotent = idempotent;
    },
  };
}
