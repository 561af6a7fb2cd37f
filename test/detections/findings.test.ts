import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { loadMappings } from '../../src/mapping/load.ts';
import { profilesOf } from '../../src/mapping/profiles.ts';
import { payloadOf, read as readPlain } from './harness.ts';

const shipped = profilesOf(loadMappings());
const read = (payload: JsonObject | string) => readPlain(payload, shipped);

const published = (name: string): string =>
  readFileSync(new URL(`../mapping/published/${name}.json`, import.meta.url), 'utf8');
const member = payloadOf('Domain-Blocked', { owner_repo: 'acme/web', endpoint: 'a.example.' });
const check = (failure_data: JsonObject[] | JsonObject) =>
  read(payloadOf('pr_check_failure', { detection: '', type: 'pr_check_failure', failure_data }));

it('joins the check in the vendor’s samples with the finding in its own sample', () => {
  const own = read(published('doc-05-New-Outbound-Network-Call'));
  const { findings } = read(published('doc-21-Baseline-Check-Failure-Harden-Runner-'));
  expect(findings).toEqual([own.fingerprint]);
});

it('names each finding once, and fills in the owner and repository of the check where they are missing', () => {
  const { fingerprint } = read({ ...member, event_id: 'e1' });
  expect(check([member, member]).findings).toEqual([fingerprint]);
  const { owner: _, repo: __, owner_repo: ___, ...bare } = member;
  expect(check(bare).findings).toEqual([fingerprint]);
});

it('has none for packages and jobs', () => {
  expect(check([{ package_name: 'a' }, { workflow: 'x', job: 'y' }]).findings).toBeUndefined();
  expect(read(payloadOf('Domain-Blocked', { failure_data: [member] })).findings).toBeUndefined();
});
