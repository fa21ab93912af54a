export { acknowledgeAlert } from "./acknowledge_alert.ts";
export { changeAlert } from "./change_alert.ts";
export { createAlert } from "./create_alert.ts";
export { deleteAlert } from "./delete_alert.ts";
export { getAlert } from "./get_alert.ts";
export { getAlertHistory } from "./get_alert_history.ts";
export { judgeAlerts } from "./judge_alerts.ts";
export { listAlerts } from "./list_alerts.ts";
export { Alert, AlertEvent, AlertInput, AlertPatch } from "./schema.ts";
