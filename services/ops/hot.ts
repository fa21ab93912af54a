/** What notes events and errors from the start of a process: the door for the front of the house. */
export { createRecorder, type RecorderOptions } from "./create_recorder.ts";
export { processStarted, processStopped } from "./life.ts";
export { recordedLog } from "./recorded_log.ts";
