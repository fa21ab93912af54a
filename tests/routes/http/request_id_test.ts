import assert from "node:assert/strict";
import { requestIdOf } from "../../../routes/http/request_id.ts";

const given = (id: string) => requestIdOf(new Headers({ "x-request-id": id }));

Deno.test("a caller's own harmless id is kept", () => {
  for (const id of ["abcdefgh", "0190b0f0-0000-7000-8000-000000000001", "a.b_c-D.1"]) {
    assert.equal(given(id), id);
  }
});

Deno.test("an id that could do harm in a log or a header is replaced by one of ours", () => {
  for (
    const id of [
      "",
      "short",
      "x".repeat(65),
      "with space",
      "a;b=c;d=e",
      "<script>x</script>",
      "ä".repeat(9),
    ]
  ) {
    assert.notEqual(given(id), id);
    assert.match(given(id), /^[0-9a-f]{12}-[0-9a-z]+$/);
  }
});

Deno.test("ids of ours differ from each other", () => {
  const ids = new Set(Array.from({ length: 1_000 }, () => requestIdOf(new Headers())));
  assert.equal(ids.size, 1_000);
});
