import { expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { attackName } from '../../src/detections/attack-names.ts';
import { payloadOf, profile, read } from './harness.ts';

const call = (host: string, path: string, method = 'POST'): JsonObject => ({ host, path, method });
const seen = (fields: JsonObject) => {
  const { target, threat } = read(payloadOf('HTTPS-Outbound-Network-Call', fields));
  return [target?.repository ?? target?.owner, threat?.ids[0]];
};

test.each<[JsonObject, string | undefined, string | undefined]>([
  [call('api.github.com', '/repos/evil/x/contents/a', 'PUT'), 'evil/x', 'T1567.001'],
  [call('api.github.com', '/repos/evil/x/issues?a=1', 'post'), 'evil/x', 'T1567.001'],
  [call('uploads.github.com', '/repos/evil/x/releases/1/assets'), 'evil/x', 'T1567.001'],
  [call('github.com', '/evil/x.git/git-receive-pack'), 'evil/x', 'T1567.001'],
  [call('api.github.com', '/orgs/evil/repos'), 'evil', 'T1567.001'],
  [call('api.github.com', '/gists'), undefined, 'T1567.001'],
  [call('api.github.com', '/user/repos'), undefined, 'T1567.001'],
  [call('gist.github.com', '/gists'), undefined, 'T1567.001'],
  [call('pastebin.com', '/api/api_post.php'), undefined, 'T1567.003'],
  [call('www.transfer.sh', '/a', 'PUT'), undefined, 'T1567.002'],
  [call('webhook.site', '/0000'), undefined, 'T1567.004'],
  [call('discord.com', '/api/webhooks/1/x'), undefined, 'T1567.004'],
  [call('api.github.com', 'https://api.github.com/repos/evil/x/issues'), 'evil/x', 'T1567.001'],
  [call('ghe.example.com', '/api/v3/repos/evil/x/issues'), 'evil/x', 'T1567.001'],
  [call('ghe.example.com', '/api/uploads/repos/evil/x/releases/1/assets'), 'evil/x', 'T1567.001'],
  [call('ghe.example.com', '/api/v3/orgs/evil/repos'), 'evil', 'T1567.001'],
  [call('ghe.example.com', '/api/v3/gists'), undefined, 'T1567.001'],
  [call('api.evil.ghe.com', '/repos/evil/x/issues'), 'evil/x', 'T1567.001'],
  [call('ghe.example.com', '/api/v3/repos/acme/x/issues'), 'acme/x', undefined],
  [call('gitlab.example.com', '/api/v4/projects'), undefined, undefined],
  [call('gofile.io', '/api/uploads/file'), undefined, 'T1567.002'],
  // Normal workflow activity: their own repositories, reading, and requests that name no destination.
  [call('api.github.com', '/repos/acme/other/statuses/1'), 'acme/other', undefined],
  [call('api.github.com', '/repos/ACME/web/releases'), 'ACME/web', undefined],
  [call('api.github.com', '/repos/evil/x/contents/a', 'GET'), 'evil/x', undefined],
  [call('github.com', '/evil/x/info/refs', 'GET'), 'evil/x', undefined],
  [call('github.com', '/actions/checkout/git-upload-pack'), 'actions/checkout', undefined],
  [call('github.com', '/evil/x.git/git-upload-pack'), 'evil/x', undefined],
  [call('gist.github.com', '/0123abcd.git/git-upload-pack'), undefined, undefined],
  [call('api.github.com', '/graphql'), undefined, undefined],
  [call('pastebin.com', '/raw/1', 'GET'), undefined, undefined],
  [call('notpastebin.com', '/'), undefined, undefined],
  [call('discord.com', '/api/users/@me'), undefined, undefined],
  [call('evil.example', '/repos/evil/x/contents/a'), undefined, undefined],
  [{ host: 'api.github.com' }, undefined, undefined],
])('%j', (fields, target, technique) => {
  expect(seen(fields)).toEqual([target, technique]);
  if (technique !== undefined) expect(attackName(technique)).toBeDefined();
});

it('adds to the techniques of a kind without repeating any', () => {
  const normal = [{ tactic: 'TA0010', technique: 'T1567.001' }];
  const read2 = () =>
    read(payloadOf('HTTPS-Outbound-Network-Call', call('api.github.com', '/gists')), {
      profile: () => profile('HTTPS-Outbound-Network-Call', { threat: normal }),
    }).threat?.ids;
  expect(read2()).toEqual(['T1567.001']);
});
