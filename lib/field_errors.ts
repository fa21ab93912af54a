import type { FieldError } from "./errors.ts";

/** What zod says of one wrong place; the keys only where there are some that nobody knows. */
interface Issue {
  path: PropertyKey[];
  message: string;
  code?: string;
  keys?: string[];
}

const unknownKeysMax = 20;
// A name may be as long as the body is; an answer must not be.
const pathMax = 200;

/** Zod's issues in the words of a problem document: an unknown field is named by its own path. */
export function fieldErrorsOf(issues: Issue[]): FieldError[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") {
      return [{ path: pathText(issue.path), message: wordsOf(issue.message) }];
    }
    return (issue.keys ?? []).slice(0, unknownKeysMax).map((key) => ({
      path: pathText([...issue.path, key]),
      message: "is not known here",
    }));
  });
}

/** What is not there has no type: that it is missing is all there is to say. */
function wordsOf(message: string): string {
  return message.endsWith("received undefined") ? "is missing" : message;
}

function pathText(path: PropertyKey[]): string {
  return path.map(String).join(".").slice(0, pathMax);
}
