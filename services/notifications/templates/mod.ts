import type { Channel, MessageType } from "../../preferences/mod.ts";
import { marketAlert } from "./market_alert.ts";
import { planReady } from "./plan_ready.ts";
import { securityAlert } from "./security_alert.ts";
import type { Template } from "./template.ts";
import { welcome } from "./welcome.ts";

export type { Template } from "./template.ts";

/** The texts that are shipped. One line adds a type. */
const templates: Partial<Record<MessageType, Template>> = {
  welcome,
  market_alert: marketAlert,
  plan_ready: planReady,
  security_alert: securityAlert,
};

export function templateOf(type: MessageType): Template | undefined {
  return templates[type];
}

export function hasTemplate(type: MessageType, channel: Channel): boolean {
  const template = templates[type];
  return template !== undefined && channel in template;
}
