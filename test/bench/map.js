/** NDJSON text → bulk body text on one core, nothing else: framing, decode, map, bulk lines. */
import { performance } from 'node:perf_hooks';
import { bulkBody } from '../../dist/sinks/elasticsearch/body.js';
