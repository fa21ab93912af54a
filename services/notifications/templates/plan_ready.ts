import * as z from "zod";
import { mailLayout } from "./layout.ts";
import type { Template } from "./template.ts";

const news = "{{ successPercent }} of 100 futures work out";

export const planReady: Template = {
  variables: z.object({
    planName: z.string(),
    planId: z.string(),
    successPercent: z.number().min(0).max(100),
  }),
  email: {
    subject: `{{ planName }}: ${news}`,
    html: mailLayout(
      `${news}.`,
      `<h1>{{ planName }}</h1>
<p class="figure">{{ successPercent }} of 100</p>
<p>In so many of the futures that we drew for this plan, every year's spending is met until the end.</p>
<p class="action"><a class="button" href="{{ links.home }}">Look at the plan</a></p>`,
    ),
    text: `{{ planName }}: ${news}.

In so many of the futures that we drew for this plan, every year's spending is met until the end.
{{ links.home }}

Choose what we tell you: {{ links.preferences }}
`,
  },
  in_app: { title: "{{ planName }} is ready", body: `${news}.` },
};
