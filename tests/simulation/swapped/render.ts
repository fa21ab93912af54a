import type * as real from "../../../services/notifications/render.ts";

/** The text of a mail has nothing to do with its delivery. */
export const checkVariables: typeof real.checkVariables = () => {};

export const renderMail: typeof real.renderMail = () =>
  Promise.resolve({ subject: "subject", html: "html", text: "text" });

export const renderItem: typeof real.renderItem = () =>
  Promise.resolve({ title: "title", body: "body" });
