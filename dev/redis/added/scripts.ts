import { Buffer } from "node:buffer";
import {
  type CommandDefinition,
  NoScriptError,
  RedisCommandError,
  type RedisExecutionContext,
} from "js-redis-server/core";
import { builtIn } from "./built_in.ts";

interface ScriptCall {
  numKeys: number;
  rest: Buffer[];
}

type EvalArgs = ScriptCall & { script: Buffer };
type EvalShaArgs = ScriptCall & { sha: string };
type FcallArgs = ScriptCall & { functionName: string };

const builtInEval = builtIn<EvalArgs>("eval");
const builtInEvalRo = builtIn<EvalArgs>("eval_ro");

/** EVAL and its kin for scripts whose first line is `#!lua flags=…`, such as Upstash's `allow-key-locking`. */
export const scriptCommands = [
  evalCommand("eval"),
  evalCommand("eval_ro"),
  evalShaCommand("evalsha"),
  evalShaCommand("evalsha_ro"),
  fcallRoCommand(),
];

function evalCommand(name: string): CommandDefinition<EvalArgs> {
  const inner = builtIn<EvalArgs>(name);
  const execute = async (args: EvalArgs, ctx: RedisExecutionContext) => {
    ctx.server.scriptCache.load(args.script);
    return await runScript(inner, args, ctx);
  };
  return { ...inner, execute: execute as typeof inner.execute };
}

function evalShaCommand(name: string): CommandDefinition<EvalShaArgs> {
  const inner = name === "evalsha" ? builtInEval : builtInEvalRo;
  return {
    ...builtIn<EvalShaArgs>(name),
    execute: ({ sha, ...call }, ctx) => {
      const script = ctx.server.scriptCache.get(sha);
      if (!script) throw new NoScriptError();
      return runScript(inner, { ...call, script }, ctx);
    },
  };
}

/** Upstash takes any function here and fails the first write, where Redis wants `no-writes` declared. */
function fcallRoCommand(): CommandDefinition<FcallArgs> {
  return {
    ...builtIn<FcallArgs>("fcall_ro"),
    execute: ({ functionName, ...call }, ctx) => {
      const found = ctx.server.functionRegistry.findFunction(functionName);
      if (!found) throw new RedisCommandError("Function not found");
      return builtInEvalRo.execute({ ...call, script: found.script }, ctx);
    },
  };
}

const knownFlags = new Set([
  "no-writes",
  "allow-oom",
  "allow-stale",
  "no-cluster",
  "allow-cross-slot-keys",
  "allow-key-locking",
]);

function runScript(
  inner: CommandDefinition<EvalArgs>,
  args: EvalArgs,
  ctx: RedisExecutionContext,
): ReturnType<typeof inner.execute> {
  const script = args.script.toString();
  if (!script.startsWith("#!")) return inner.execute(args, ctx);
  const [line = ""] = script.split("\n", 1);
  const [engine, ...options] = line.slice(2).trim().split(/\s+/);
  if (engine !== "lua") {
    throw new RedisCommandError(`Unexpected engine in script shebang: ${engine}`);
  }
  const flags = options.flatMap(readFlags);
  const runner = flags.includes("no-writes") ? builtInEvalRo : inner;
  // The line stays as an empty one, so that Lua's errors name the right lines.
  return runner.execute({ ...args, script: Buffer.from(script.slice(line.length)) }, ctx);
}

function readFlags(option: string): string[] {
  if (!option.startsWith("flags=")) {
    throw new RedisCommandError(`Unknown lua shebang option: ${option}`);
  }
  const flags = option.slice("flags=".length).split(",").filter((flag) => flag !== "");
  const unknown = flags.find((flag) => !knownFlags.has(flag));
  if (unknown) throw new RedisCommandError(`Unexpected flag in script shebang: ${unknown}`);
  return flags;
}
