import * as z from "zod";
import { mailLayout } from "./layout.ts";
import type { Template } from "./template.ts";

const promise = "Almanac shows you what things cost now, and what your life may look like " +
  "if you go on like this, or do otherwise.";
const advice = "A good first step is a plan: what you have, what you earn and spend, " +
  "and when you would like to stop working.";

export const welcome: Template = {
  variables: z.object({ name: z.string() }),
  email: {
    subject: "Welcome to Almanac, {{ name }}",
    html: mailLayout(
      advice,
      `<h1>Welcome, {{ name }}</h1>
<p>${promise}</p>
<p>${advice}</p>
<p class="action"><a class="button" href="{{ links.home }}">Begin with a plan</a></p>`,
    ),
    text: `Welcome, {{ name }}.

${promise}

${advice}
{{ links.home }}

Choose what we tell you: {{ links.preferences }}
`,
  },
  in_app: { title: "Welcome, {{ name }}", body: advice },
};
