/** Settings with which the edge program starts and answers, and reaches nothing: nobody listens on port 9. */
export function edgeEnvironment(port: number): Record<string, string> {
  const nowhere = "http://127.0.0.1:9";
  return {
    HOST: "127.0.0.1",
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    APP_SECRET: btoa("0".repeat(32)),
    LOG_LEVEL: "error",
    DATABASE_URL: "postgres://bench@127.0.0.1:9/bench",
    UPSTASH_REDIS_REST_URL: nowhere,
    UPSTASH_REDIS_REST_TOKEN: "bench",
    QSTASH_URL: nowhere,
    QSTASH_TOKEN: "bench",
    QSTASH_CURRENT_SIGNING_KEY: "bench",
    QSTASH_NEXT_SIGNING_KEY: "bench",
  };
}
