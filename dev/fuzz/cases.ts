/** Cases: a few requests that follow each other. */
import fc from "fast-check";
import type { ApiDocument, Operation } from "./document.ts";
import { brokenPlan, fittingPlan, isId, type Plan } from "./plans.ts";

/** A life of something with a stranger beside it, or requests as they come. */
export function casesOf(api: ApiDocument): fc.Arbitrary<Plan[]> {
  const { operations } = api;
  const creators = operations.filter(isCreator);
  const about = operations.filter(({ parameters }) => parameters.some(isId));
  const loose = fc.array(anyPlan(api, operations), { minLength: 1, maxLength: 4 });
  if (creators.length === 0 || about.length === 0) return loose;
  return fc.oneof(
    { weight: 3, arbitrary: loose },
    { weight: 2, arbitrary: lifeOf(api, creators, about) },
  );
}

function isCreator({ method, parameters, isOpen, answers }: Operation): boolean {
  const makes = "201" in answers || "202" in answers;
  return method === "POST" && makes && !isOpen && !parameters.some(isId);
}

function anyPlan(api: ApiDocument, operations: Operation[]): fc.Arbitrary<Plan> {
  return fc.oneof(...operations.flatMap((operation) => [
    { weight: 1, arbitrary: fittingPlan(api, operation, "first") },
    { weight: 1, arbitrary: fittingPlan(api, operation, "staff") },
    { weight: 1, arbitrary: fittingPlan(api, operation, "nobody") },
    { weight: 3, arbitrary: brokenPlan(api, operation) },
  ]));
}

/** Made by one person; read and changed by them, tried by another; taken away, and asked for once more. */
function lifeOf(
  api: ApiDocument,
  creators: Operation[],
  about: Operation[],
): fc.Arbitrary<Plan[]> {
  const lasting = about.filter(({ method }) => method !== "DELETE");
  const ending = about.filter(({ method }) => method === "DELETE");
  const readers = about.filter(({ method }) => method === "GET");
  const some = (plans: fc.Arbitrary<Plan>[], minLength: number, maxLength: number) =>
    plans.length === 0 ? fc.constant([]) : fc.array(fc.oneof(...plans), { minLength, maxLength });
  const lists = api.operations.filter(({ method, parameters, isOpen }) =>
    method === "GET" && !isOpen && !parameters.some(isId)
  );
  return fc.tuple(
    some(creators.map((operation) => fittingPlan(api, operation, "first")), 1, 2),
    some(lists.map((operation) => fittingPlan(api, operation, "first")), 0, 1),
    some(lasting.map((operation) => fittingPlan(api, operation, "first")), 0, 3),
    some(about.map((operation) => fittingPlan(api, operation, "second", "foreign")), 1, 4),
    some(about.map((operation) => brokenPlan(api, operation)), 0, 2),
    some(ending.map((operation) => fittingPlan(api, operation, "first")), 0, 1),
    some(readers.map((operation) => fittingPlan(api, operation, "first", "gone")), 0, 1),
  ).map((parts) => parts.flat());
}
