import * as z from "zod";
import { mailLayout } from "./layout.ts";
import { momentOf, type Template } from "./template.ts";

const news =
  "{{ symbol }} {% if direction == 'above' %}rose{% else %}fell{% endif %} to {{ price }} {{ currency }}";
const wish = "You asked to be told when it goes {{ direction }} {{ level }}.";
const provenance = `As of ${momentOf("asOf")}, from {{ source }}` +
  "{% if synthetic %}, a made-up market{% endif %}.";

export const marketAlert: Template = {
  variables: z.object({
    symbol: z.string(),
    direction: z.enum(["above", "below"]),
    level: z.string(),
    price: z.string(),
    currency: z.string(),
    asOf: z.iso.datetime(),
    source: z.string(),
    synthetic: z.boolean(),
    note: z.string(),
    alertId: z.string(),
  }),
  email: {
    subject: news,
    html: mailLayout(
      news,
      `<h1>{{ symbol }} reached your level</h1>
<p class="figure">{{ price }} {{ currency }}</p>
<p>${wish}</p>
{%- if note != "" %}
<p class="note">{{ note }}</p>
{%- endif %}
<p class="small">${provenance}</p>`,
    ),
    text: `${news}.

${wish}
{%- if note != "" %}

Your note: {{ note }}
{%- endif %}

${provenance}

Choose what we tell you: {{ links.preferences }}
`,
  },
  in_app: { title: news, body: `${wish} ${provenance}` },
};
