import * as z from "zod";
import { mailLayout } from "./layout.ts";
import { momentOf, type Template } from "./template.ts";

const when = `This happened on ${momentOf("at")}. If it was you, there is nothing to do.`;
const otherwise = "If it was not you: change your password and end all sessions.";

export const securityAlert: Template = {
  variables: z.object({ event: z.string(), at: z.iso.datetime() }),
  email: {
    subject: "Your account: {{ event }}",
    html: mailLayout(
      "If it was not you, change your password and end all sessions.",
      `<h1>{{ event }}</h1>
<p>${when}</p>
<p><strong>${otherwise}</strong></p>
<p class="action"><a class="button" href="{{ links.home }}">Look at your sessions</a></p>`,
    ),
    text: `{{ event }}

${when}
${otherwise}
{{ links.home }}

Choose what we tell you: {{ links.preferences }}
`,
  },
  in_app: { title: "{{ event }}", body: otherwise },
};
