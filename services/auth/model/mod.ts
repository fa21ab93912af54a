export {
  type Permission,
  permissionNames,
  permissionsOf,
  type Role,
  roleNames,
  roles,
} from "./roles.ts";
