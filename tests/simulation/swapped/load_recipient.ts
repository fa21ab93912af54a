import type * as real from "../../../services/notifications/load_recipient.ts";
import { loadZonedTime } from "../../../lib/zoned_time.ts";
import { toDay } from "../../../lib/time.ts";
import { inTransaction } from "../../../services/ctx.ts";
import { selectSuppression } from "../stores/suppressions.ts";

const zoned = await loadZonedTime();
const everyType = { security_alert: true };
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/**
 * A person of the simulated world: the third of three sleeps within quiet hours. Their preferences are not looked up,
 * whether their address is suppressed is.
 */
export const loadRecipient: typeof real.loadRecipient = async (ctx, userId) => {
  const address = `${userId.slice(-1)}@people.test`;
  const suppression = await inTransaction(
    ctx,
    ({ sql }) => selectSuppression(sql, "email", address),
  );
  const quietHours = userId.endsWith("2")
    ? { start: "12:02", end: "13:30", timeZone: "UTC", days }
    : null;
  return {
    account: { timeZone: "UTC" },
    preferences: { channels: { email: everyType, in_app: everyType }, quietHours },
    mailAddress: address,
    mailSuppressedBecause: suppression &&
      `address suppressed after ${suppression.reason} on ${
        toDay(suppression.created_at.getTime())
      }`,
    zoned,
  } as unknown as real.Recipient;
};
