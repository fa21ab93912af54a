import { catalogue } from "../../lib/errors.ts";

/** What no caller may learn: how we are made, and what our parts say to each other. */
const internals =
  /\b(postgres|insert into|syntax error|violates|relation "|pg_|redis|upstash|TypeError|RangeError|SyntaxError|ZodError|undefined is not|node_modules|\.ts:\d+|file:\/\/|at async|ECONN|invalid byte sequence)/i;

const problemMembers = ["type", "title", "status", "code", "detail", "instance", "errors"];
const problemMaxBytes = 16_384;

/** An answer, read to its end. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** What is wrong with an answer to a naughty request; undefined where it is as it should be. */
export function faultOf(answer: Answer, documented: Set<number>): string | undefined {
  const { status, headers, text } = answer;
  if (status >= 500) return `${status} ${text.slice(0, 200)}`;
  for (const [name, value] of headers) {
    if (name === "set-cookie" || /[\r\n\0]/.test(value)) {
      return `a header that was sent in: ${name}`;
    }
  }
  if (status < 400) return;
  if (!documented.has(status)) return `${status} is not documented: ${text.slice(0, 200)}`;
  return faultOfProblem(answer);
}

function faultOfProblem({ status, headers, text }: Answer): string | undefined {
  if (headers.get("content-type") !== "application/problem+json") return `${status} as no problem`;
  if (text.length > problemMaxBytes) return `a problem of ${text.length} bytes`;
  const problem = JSON.parse(text);
  const known = catalogue[problem.code as keyof typeof catalogue];
  if (known?.status !== status || problem.title !== known.title) return `another problem: ${text}`;
  const strange = Object.keys(problem).filter((name) => !problemMembers.includes(name));
  if (strange.length > 0) return `members of its own: ${strange}`;
  // The path of a wrong place is what the caller sent; all other words are ours.
  const messages = (problem.errors ?? []).map(({ message }: { message: string }) => message);
  const ours = [problem.detail ?? "", ...messages].join("\n");
  return internals.test(ours) ? `tells of internals: ${ours}` : undefined;
}
