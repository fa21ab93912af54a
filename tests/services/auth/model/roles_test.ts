import assert from "node:assert/strict";
import { permissionsOf, roleNames, roles } from "../../../../services/auth/model/roles.ts";

Deno.test("there are the five roles of the product", () => {
  assert.deepEqual([...roleNames].sort(), ["admin", "analyst", "client", "planner", "viewer"]);
});

Deno.test("a viewer reads and does nothing else", () => {
  assert.ok(roles.viewer.length > 0);
  for (const permission of roles.viewer) assert.match(permission, /^[a-z]+:read$/);
});

Deno.test("only an admin has to do with other people, with jobs, with the market itself and with how it all runs", () => {
  const staff = roles.admin.filter((permission) => !roles.client.some((own) => own === permission));
  for (const area of ["people", "jobs", "market", "templates", "ops"]) {
    assert.ok(staff.some((permission) => permission.startsWith(`${area}:`)), area);
  }
  for (const role of ["client", "planner", "analyst", "viewer"] as const) {
    for (const permission of staff) assert.ok(!permissionsOf(role, []).includes(permission));
  }
});

Deno.test("what a person was given beside the role counts, once", () => {
  const permissions = permissionsOf("viewer", ["market:read", "quotes:read"]);
  assert.equal(permissions.filter((permission) => permission === "quotes:read").length, 1);
  assert.ok(permissions.includes("market:read"));
  assert.equal(permissions.length, roles.viewer.length + 1);
});
