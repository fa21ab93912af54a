import type { Broker } from "./broker.ts";
import { type CronPlan, parseCron } from "./cron.ts";
import { randomText, requireName } from "./ids.ts";
import type { PublishRequest } from "./message.ts";
import { isHttpUrl, readOptions } from "./options.ts";
import { messageIdsOf, publish } from "./publish.ts";
import { Refusal, requireRoom } from "./refusal.ts";

/** A message that is published again and again. */
export interface Schedule {
  readonly id: string;
  cron: CronPlan;
  request: PublishRequest;
  createdMs: number;
  isPaused: boolean;
  lastMs?: number;
  lastMessageIds: string[];
}

export type ScheduleMap = Map<string, Schedule>;

/** Creates a schedule, or changes the one that has its id: that one keeps its age and stays paused if it was. */
export function saveSchedule(broker: Broker, given: PublishRequest): Schedule {
  const { headers } = given;
  const request = { ...given, queueName: headers.get("upstash-queue-name") ?? given.queueName };
  if (headers.has("upstash-not-before")) {
    throw new Refusal(400, "a schedule's messages can be delayed by Upstash-Delay only");
  }
  readOptions(headers, broker.now(), broker.plan);
  if (!isHttpUrl(request.destination)) broker.groups.get(request.destination);
  const id = requireName(
    headers.get("upstash-schedule-id") ?? `scd_${randomText(26)}`,
    "Schedule id",
  );
  const earlier = broker.schedules.get(id);
  if (earlier === undefined) {
    requireRoom(broker.schedules.size + 1, broker.plan.schedulesMax, "schedules");
  }
  const schedule: Schedule = earlier ??
    { id, createdMs: broker.now(), isPaused: false, lastMessageIds: [], ...planOf(request, id) };
  Object.assign(schedule, planOf(request, id));
  broker.schedules.set(id, schedule);
  planNext(broker, schedule);
  return schedule;
}

/** Throws a 404 for an id that no schedule has. */
export function getSchedule(broker: Broker, id: string): Schedule {
  const schedule = broker.schedules.get(id);
  if (schedule === undefined) throw new Refusal(404, `schedule ${id} not found`);
  return schedule;
}

export function deleteSchedule(broker: Broker, id: string) {
  broker.timeline.delete(getSchedule(broker, id));
  broker.schedules.delete(id);
}

/** While it is paused a schedule's times pass by without a message. */
export function setSchedulePaused(broker: Broker, id: string, isPaused: boolean) {
  getSchedule(broker, id).isPaused = isPaused;
}

/** Publishes a schedule's message now, paused or not; its times stay as they are. Returns the messages' ids. */
export function fireSchedule(broker: Broker, id: string): string[] {
  const schedule = getSchedule(broker, id);
  schedule.lastMs = broker.now();
  schedule.lastMessageIds = messageIdsOf(publish(broker, schedule.request));
  return schedule.lastMessageIds;
}

function planOf(request: PublishRequest, scheduleId: string) {
  const cron = parseCron(request.headers.get("upstash-cron") ?? "");
  return { cron, request: { ...request, scheduleId } };
}

/** Times that passed while the process slept are one run, not many. */
function planNext(broker: Broker, schedule: Schedule) {
  const nextMs = schedule.cron.nextMs(broker.now());
  if (nextMs === undefined) return broker.timeline.delete(schedule);
  broker.timeline.set(schedule, nextMs, () => {
    if (!schedule.isPaused) fireReported(broker, schedule);
    planNext(broker, schedule);
  });
}

/** Its URL group may be gone by now, which is for people to see and no reason to stop. */
function fireReported(broker: Broker, schedule: Schedule) {
  try {
    fireSchedule(broker, schedule.id);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    broker.report(`schedule ${schedule.id}: ${error.message}`);
  }
}
