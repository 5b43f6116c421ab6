// A reader of what a server under test counts: by its metrics, and by its api.
import assert from 'node:assert/strict';
import { ask } from './http-exchange.ts';
import { PATIENCE_MS } from './in-time.ts';
import { type MetricFamily, metric, readMetrics } from './metrics.ts';
import type { MailServer } from './server.ts';

/** Of the http block: what `StatsPage` asks. */
export const STATS_SERVER = `http {
  access_log off;
  server {
    listen @web@;
    location /api { api; }
    location = /metrics { prometheus; }
    location = /healthz { healthz; }
    location = /pid { return 200 "$pid"; }
  }
}`;

/** Names, labels and values. */
export type Wanted = readonly (readonly [name: string, labels: Readonly<Record<string, string>>, value: number])[];

export class StatsPage {
  readonly #server: MailServer;

  constructor(server: MailServer) {
    this.#server = server;
  }

  async metrics(): Promise<readonly MetricFamily[]> {
    const answer = await ask(this.#server, 'web', { target: '/metrics' });
    assert.ok(answer !== 'nothing');
    assert.equal(answer.status, 200);
    return readMetrics(Buffer.from(answer.body, 'latin1').toString(), 'prometheus');
  }

  async value(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    return metric(await this.metrics(), name, labels);
  }

  /** Reads until the numbers are as wanted: what ends, ends a little later than its client sees. */
  async until(wanted: Wanted): Promise<readonly MetricFamily[]> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const families = await this.metrics();
      const now = wanted.map(([name, labels]) => [name, labels, metric(families, name, labels)]);
      if (wanted.every(([, , value], i) => now[i]?.[2] === value)) return families;
      if (performance.now() > end) assert.deepEqual(now, wanted);
    }
  }

  /** What the api answers. */
  async api(path: string): Promise<unknown> {
    const answer = await ask(this.#server, 'web', { target: `/api${path}` });
    assert.ok(answer !== 'nothing');
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(Buffer.from(answer.body, 'latin1').toString());
  }
}
