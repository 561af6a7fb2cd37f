import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { prometheusName } from '../../src/observe/table.ts';
import { commandLine } from '../command-line.ts';
import { payloadOf } from '../detections/harness.ts';
import { OF_RUNS } from '../observe/of-runs.ts';
import { SUCCESS, scriptHec } from '../scripted/hec.ts';
import { describeWith, need } from './require.ts';

describeWith(['OTELCOL_URL', 'OTELCOL_PROMETHEUS_URL'], "OpenTelemetry's collector", () => {
  it.each(['http/protobuf', 'http/json'])(
    'accepts every metric by %s, and names it for Prometheus as we do',
    async (protocol) => {
      const hec = await scriptHec(() => SUCCESS);
      const folder = mkdtempSync(join(tmpdir(), 'otelcol-'));
      mkdirSync(join(folder, 'in'));
      writeFileSync(join(folder, 'in', 'a.ndjson'), JSON.stringify(payloadOf('Not-Known')));
      const config = join(folder, 'config.yaml');
      // A separate feed: the collector also shows what it received before.
      const feed = `${protocol} ${Date.now()}`;
      const tree = {
        source: { type: 'file', path: 'in' },
        sink: { type: 'splunk_hec', url: hec.url, token: 'abcdefgh-token', index: 'main' },
        state: { type: 'file', path: 'state' },
        metrics: { textfile: 'siem.prom', feed },
      };
      writeFileSync(config, JSON.stringify(tree));
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: need('OTELCOL_URL'),
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      };
      const { code, err } = await commandLine(['run', '--config', config], { env });
      await hec.close();
      expect([code, err.includes('OpenTelemetry')]).toEqual([0, false]);
      const page = await (await fetch(need('OTELCOL_PROMETHEUS_URL'))).text();
      const names = (text: string): string[] =>
        [
          ...new Set(
            text
              .split('\n')
              .filter((line) => line.startsWith('stepsecurity_siem_') && line.includes(`feed="${feed}"`))
              .map((line) => line.replace(/[{ ].*$/, '')),
          ),
        ].sort();
      const written = readFileSync(join(folder, 'siem.prom'), 'utf8');
      expect(names(page)).toEqual(names(written));
      for (const one of OF_RUNS) expect(written).toContain(prometheusName(one));
    },
  );
});
