import assert from "node:assert/strict";
import { assemble } from "../../main.ts";
import config from "../../deno.json" with { type: "json" };
import { parseExposition, type ReadFamily, sampleOf } from "../support/exposition.ts";
import { type TestApp, withApp } from "../support/app.ts";
import { portOf, startTcpProxy, through } from "../support/tcp_proxy.ts";

type Families = Map<string, ReadFamily>;

async function scrape(app: TestApp): Promise<Families> {
  const response = await app.request("/metrics");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return parseExposition(await response.text());
}

/** Asks as a caller from `hostname`, as the server tells it. */
async function askFrom(app: TestApp, hostname: string, headers: Record<string, string> = {}) {
  const info = { remoteAddr: { transport: "tcp", hostname, port: 4_711 } };
  const response = await assemble(app.deps)(new Request(`${app.url}/metrics`, { headers }), info);
  const { code } = response.status === 200 ? { code: "" } : await response.json();
  return `${response.status} ${code}`.trim();
}

const requests = (route: string, status: string, method = "GET") =>
  `almanac_http_request_duration_seconds_count{route="${route}",method="${method}",status="${status}"}`;

Deno.test("without a token only this machine is answered, whatever a caller says about where it is", async () => {
  await withApp(async (app) => {
    for (const own of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"]) {
      assert.equal(await askFrom(app, own), "200", own);
    }
    const forwarded = { "x-forwarded-for": "127.0.0.1" };
    for (const other of ["203.0.113.7", "10.0.0.1", "::ffff:10.0.0.1", "127.0.0.1.example", ""]) {
      assert.equal(await askFrom(app, other), "404 not_found", other);
      assert.equal(await askFrom(app, other, forwarded), "404 not_found", other);
    }
    // A proxy on this machine asks for somebody else.
    for (const name of ["x-forwarded-for", "forwarded", "x-real-ip"]) {
      assert.equal(await askFrom(app, "127.0.0.1", { [name]: "203.0.113.7" }), "404 not_found");
    }
    assert.equal(await askFrom(app, "203.0.113.7", { authorization: "Bearer x" }), "404 not_found");
  });
});

Deno.test("with a token everybody who has it is answered, and nobody else, on this machine neither", async () => {
  await withApp(async (app) => {
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    assert.equal(await askFrom(app, "203.0.113.7", bearer("scrape-me")), "200");
    assert.equal(await askFrom(app, "127.0.0.1", bearer("scrape-me")), "200");
    assert.equal(await askFrom(app, "127.0.0.1"), "401 not_signed_in");
    for (const wrong of ["scrape-m", "scrape-me2", "x", "scrape-mé"]) {
      assert.equal(await askFrom(app, "127.0.0.1", bearer(wrong)), "401 invalid_token", wrong);
    }
    const { token } = await app.signUp();
    await app.settle();
    assert.equal(await askFrom(app, "127.0.0.1", bearer(token)), "401 invalid_token");
    assert.equal(
      await askFrom(app, "127.0.0.1", { authorization: "scrape-me" }),
      "401 not_signed_in",
    );
  }, { env: { METRICS_TOKEN: "scrape-me" } });
});

Deno.test("each request counts under its route and class of status, never under what the caller wrote", async () => {
  await withApp(async (app) => {
    const before = await scrape(app);
    const { token } = await app.signUp();
    for (const symbol of ["AAPL", "MSFT", "NOSUCH"]) {
      await (await app.request(`/v1/quotes/${symbol}`, { token })).body?.cancel();
    }
    await (await app.request("/nowhere/at/all?canary=1")).body?.cancel();
    await (await app.request("/nowhere", { method: "CANARY" })).body?.cancel();
    await app.settle();
    const after = await scrape(app);
    const more = (series: string) => sampleOf(after, series) - sampleOf(before, series);
    assert.equal(more(requests("/v1/quotes/:symbol", "2xx")), 2);
    assert.equal(more(requests("/v1/quotes/:symbol", "4xx")), 1);
    assert.equal(more(requests("unmatched", "4xx")), 1);
    assert.equal(more(requests("unmatched", "4xx", "other")), 1);
    assert.equal(more(requests("/v1/auth/register", "2xx", "POST")), 1);
    assert.doesNotMatch(
      JSON.stringify([...after].map(([, { samples }]) => [...samples])),
      /AAPL|CANARY|canary/i,
    );
  });
});

Deno.test("reads count under the layer that answered: memory, Redis, or the owner", async () => {
  // Stands still while reads are counted, so that nothing goes out of date between two of them.
  let stoppedMs: number | undefined;
  await withApp(async (app) => {
    const { token } = await app.signUp();
    await app.settle();
    stoppedMs = Date.now();
    const counts = async (work: () => Promise<unknown>) => {
      const before = await scrape(app);
      await work();
      const after = await scrape(app);
      return ["memory", "redis", "owner"].map((layer) => {
        const [quote = 0, document = 0] = ["quote", "document"].map((cache) => {
          const series = `almanac_cache_reads_total{cache="${cache}",layer="${layer}"}`;
          return sampleOf(after, series) - sampleOf(before, series);
        });
        return `${layer} ${quote} ${document}`;
      });
    };
    const read = async (one: (path: string) => Promise<Response>) => {
      for (const path of ["/v1/quotes/AAPL", "/v1/preferences"]) {
        const response = await one(path);
        assert.equal(response.status, 200, path);
        await response.body?.cancel();
      }
    };
    const here = () => read((path) => app.request(path, { token }));
    assert.deepEqual(await counts(here), ["memory 0 0", "redis 0 0", "owner 1 1"]);
    assert.deepEqual(await counts(here), ["memory 1 1", "redis 0 0", "owner 0 0"]);
    const headers = { authorization: `Bearer ${token}` };
    const other = app.another();
    const there = () => read((path) => other.fetch(new Request(app.url + path, { headers })));
    assert.deepEqual(await counts(there), ["memory 0 0", "redis 1 1", "owner 0 0"]);
    stoppedMs = undefined;
  }, { world: { now: () => stoppedMs ?? Date.now() } });
});

Deno.test("jobs, vendors, circuits, connections, queues and the process itself are in a scrape", async () => {
  await withApp(async (app) => {
    const before = await scrape(app);
    await app.signUp();
    await app.settle();
    const after = await scrape(app);
    const more = (series: string) => sampleOf(after, series) - sampleOf(before, series);
    assert.ok(more('almanac_job_duration_seconds_count{job="notify_person",outcome="done"}') >= 1);
    assert.ok(
      more('almanac_vendor_call_duration_seconds_count{vendor="qstash",outcome="answered"}') >= 1,
    );
    assert.ok(
      more('almanac_vendor_call_duration_seconds_count{vendor="sendgrid",outcome="answered"}') >= 1,
    );
    assert.ok(
      more('almanac_vendor_call_duration_seconds_count{vendor="redis",outcome="answered"}') >= 1,
    );
    const value = (series: string) => sampleOf(after, series);
    assert.equal(
      after.get("almanac_circuit_state")?.samples.get('almanac_circuit_state{circuit="redis"}'),
      0,
    );
    assert.equal(value("almanac_database_connections_max"), 5);
    assert.ok(value("process_resident_memory_bytes") > 1e7);
    assert.ok(Math.abs(value("process_start_time_seconds") - Date.now() / 1_000) < 3_600);
    assert.ok(
      [...after.get("almanac_build_info")?.samples.keys() ?? []].join().includes(config.version),
    );
    for (const name of ["almanac_outbox_waiting", "almanac_job_runs", "almanac_dead_letters"]) {
      assert.ok(after.has(name), name);
    }
    assert.equal(value('almanac_scrape_errors{part="queue"}'), 0);
  });
});

Deno.test("with Postgres away a scrape still answers in time, says what is missing, and shows no made-up zero", async () => {
  await withApp(async (app) => {
    const url = app.deps.settings.databaseUrl.reveal();
    await using proxy = startTcpProxy(portOf(url));
    proxy.silence("silent");
    const other = app.another({ DATABASE_URL: through(proxy, url), DATABASE_DEADLINE_MS: "200" });
    const info = { remoteAddr: { hostname: "127.0.0.1" } };
    const startedMs = performance.now();
    const response = await assemble(other.deps)(new Request(`${app.url}/metrics`), info);
    assert.ok(performance.now() - startedMs < 5_000);
    assert.equal(response.status, 200);
    const read = parseExposition(await response.text());
    assert.equal(sampleOf(read, 'almanac_scrape_errors{part="queue"}'), 1);
    for (const name of ["almanac_outbox_waiting", "almanac_job_runs", "almanac_dead_letters"]) {
      assert.ok(!read.has(name), name);
    }
    assert.ok(read.has("process_resident_memory_bytes"));
    other.deps.log.flush();
    assert.match(app.logged.splice(0).join("\n"), /queues not measured/);
  });
});

Deno.test("an open circuit shows in a scrape", async () => {
  await withApp(async (app) => {
    app.standIns.redis.setFault({ kind: "refuse" });
    for (let tries = 0; tries < 4; tries++) {
      await (await app.request("/readyz")).body?.cancel();
      await app.deps.context("t", { address: "", userAgent: "" }).redis.attempt((redis) =>
        redis.ping()
      );
    }
    const read = await scrape(app);
    app.standIns.redis.setFault(null);
    assert.equal(sampleOf(read, 'almanac_circuit_state{circuit="redis"}'), 2);
    assert.ok(
      sampleOf(
        read,
        'almanac_vendor_call_duration_seconds_count{vendor="redis",outcome="failed"}',
      ) >= 1,
    );
    app.logged.splice(0);
  });
});

async function hasPromtool(): Promise<boolean> {
  try {
    return (await new Deno.Command("promtool", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

const promtool = await hasPromtool();

Deno.test({
  name: promtool
    ? "promtool finds nothing wrong with a scrape"
    : "promtool finds nothing wrong with a scrape (skipped: promtool is not on PATH)",
  ignore: !promtool,
  async fn() {
    await withApp(async (app) => {
      await app.signUp();
      await app.settle();
      const text = await (await app.request("/metrics")).text();
      const process = new Deno.Command("promtool", {
        args: ["check", "metrics"],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = process.stdin.getWriter();
      await writer.write(new TextEncoder().encode(text));
      await writer.close();
      const { code, stdout, stderr } = await process.output();
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assert.deepEqual([code, said], [0, ""]);
    });
  },
});
