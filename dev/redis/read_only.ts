import type { Command, RedisError } from "./backend.ts";

/** What the read-only token may run: commands that read keys it names. SCAN and KEYS are for the standard token. */
const readCommands = new Set(
  [
    "PING ECHO TIME DBSIZE EXISTS TYPE TTL PTTL EXPIRETIME PEXPIRETIME TOUCH OBJECT",
    "GET MGET STRLEN GETRANGE SUBSTR GETBIT BITCOUNT BITPOS BITFIELD_RO LCS",
    "HGET HMGET HGETALL HKEYS HVALS HLEN HEXISTS HSTRLEN HRANDFIELD HSCAN",
    "HTTL HPTTL HEXPIRETIME HPEXPIRETIME",
    "LRANGE LLEN LINDEX LPOS",
    "SMEMBERS SCARD SISMEMBER SMISMEMBER SRANDMEMBER SINTER SINTERCARD SUNION SDIFF SSCAN",
    "ZRANGE ZRANGEBYSCORE ZRANGEBYLEX ZREVRANGE ZREVRANGEBYSCORE ZREVRANGEBYLEX ZCARD ZCOUNT",
    "ZLEXCOUNT ZSCORE ZMSCORE ZRANK ZREVRANK ZRANDMEMBER ZUNION ZINTER ZINTERCARD ZDIFF ZSCAN",
    "GEODIST GEOHASH GEOPOS GEOSEARCH GEORADIUS_RO GEORADIUSBYMEMBER_RO PFCOUNT",
    "XRANGE XREVRANGE XLEN XREAD XINFO XPENDING",
    "ARGET ARMGET ARGETRANGE ARCOUNT ARLEN ARNEXT ARLASTITEMS ARSCAN ARINFO ARGREP AROP",
    "JSON.GET JSON.MGET JSON.TYPE JSON.STRLEN JSON.ARRLEN JSON.ARRINDEX JSON.OBJKEYS",
    "JSON.OBJLEN JSON.RESP",
  ].flatMap((names) => names.split(" ")),
);

/** The error for a command that the read-only token may not run; else undefined. */
export function forbidden([name]: Command): RedisError | undefined {
  if (readCommands.has(name.toUpperCase())) return undefined;
  const command = name.toLowerCase();
  return { error: `NOPERM this user has no permissions to run the '${command}' command` };
}
