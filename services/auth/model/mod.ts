export { type Permission, permissionsOf, type Role, roleNames, roles } from "./roles.ts";
