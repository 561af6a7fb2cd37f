import { expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { payloadOf, read } from './harness.ts';

const APP = 'https://app.stepsecurity.io';
const seen = (fields: JsonObject) => {
  const { repo, run_url, job_url } = read(payloadOf('New-Outbound-Network-Call', fields));
  return { forge: repo.forge, full: repo.full, pages: [repo.url, run_url, job_url] };
};
const PAGES = [
  'https://github.com/acme/web',
  'https://github.com/acme/web/actions/runs/16450863125',
  'https://github.com/acme/web/actions/runs/16450863125/job/46495445322',
];
const NONE = [undefined, undefined, undefined];

test.each<[string, JsonObject, string | undefined, (string | undefined)[]]>([
  ['a GitHub link', { html_url: `${APP}/github/acme/web/actions/runs/1` }, 'github', PAGES],
  ['no link', {}, 'github', PAGES],
  ['no link, and a GitHub pipeline', { workflow_path: '.github/workflows/ci.yml' }, 'github', PAGES],
  ['a link without information', { html_url: `${APP}/detections/1` }, 'github', PAGES],
  ['a GitLab link', { html_url: `${APP}/gitlab/acme/web/pipelines/1` }, 'gitlab', NONE],
  [
    'such a link without TLS, and a GitHub pipeline',
    { html_url: 'http://app.stepsecurity.io/gitlab/a/b/1', workflow_path: '.github/workflows/ci.yml' },
    'gitlab',
    NONE,
  ],
  ['a check without TLS', { pr_url: 'http://github.com/acme/web/pull/7' }, 'github', PAGES],
  ['an Azure DevOps link', { html_url: `${APP}/azure-devops/acme/web/pipelines/1` }, 'azure-devops', NONE],
  ['a link of an unknown forge', { html_url: `${APP}/bitbucket/acme/web/1` }, undefined, NONE],
  ['GitLab’s pipeline', { workflow_path: '.gitlab-ci.yml' }, 'gitlab', NONE],
  ['Azure DevOps’ pipeline', { workflow_path: 'ci/azure-pipelines-2.yml' }, 'azure-devops', NONE],
  [
    'a required workflow',
    { workflow_path: 'acme/policy/.github/workflows/a.yml@refs/heads/main' },
    'github',
    PAGES,
  ],
  ['a workflow of GitHub’s own', { workflow_path: 'dynamic/github-code-scanning/codeql' }, 'github', PAGES],
  ['a pipeline that GitHub would not run', { workflow_path: 'build/ci.yml' }, undefined, NONE],
  [
    'such a pipeline with a link',
    { workflow_path: 'build/ci.yml', html_url: `${APP}/github/a/b/1` },
    'github',
    PAGES,
  ],
  ['a group in a group', { owner: 'acme/team', owner_repo: 'acme/team/web' }, undefined, NONE],
  ['a check on GitLab', { pr_url: 'https://gitlab.example.com/acme/web/-/merge_requests/7' }, 'gitlab', NONE],
  ['a check on a self-hosted GitHub', { pr_url: 'https://ghe.example.com/acme/web/pull/7' }, 'github', NONE],
  ['a tenant of GitHub Enterprise Server', { owner: 'acme::ghes::team' }, 'github', NONE],
])('%s', (_, fields, forge, pages) => {
  expect(seen(fields)).toMatchObject({ forge, pages });
});

it('gives an action no page when its repository has none', () => {
  const imposter_commit = { action: 'acme/internal', tag: 'v1', sha: 'c'.repeat(40) };
  const pageOf = (owner: string) =>
    read(payloadOf('Action-Uses-Imposter-Commit', { owner, imposter_commit })).imposter?.reference;
  expect(pageOf('acme')).toBe('https://github.com/acme/internal');
  expect(pageOf('acme::ghes::team')).toBeUndefined();
});

it('tells a tenant from its organization', () => {
  const owner = 'acme::ghes::team';
  const { organization, customer, owner: raw, repo } = read(payloadOf('Reverse-Shell', { owner }));
  expect([organization, customer, raw, repo.full]).toEqual(['team', 'acme', owner, `${owner}/web`]);
  const said = read(payloadOf('Reverse-Shell', { owner, customer: 'acme-corp' }));
  expect(said.customer).toBe('acme-corp');
  expect(read(payloadOf('Reverse-Shell', { owner: '::' })).organization).toBe('::');
});

test.each<[JsonObject, string | undefined, string]>([
  [{ owner: '', repo: 'acme/api' }, 'acme', 'acme/api'],
  [{ owner: null, repo: null, owner_repo: 'acme/api' }, 'acme', 'acme/api'],
  [{ owner: '', repo: 'acme::ghes::team/api' }, 'team', 'acme::ghes::team/api'],
  [{ owner: '', repo: 'group/team/api' }, 'group/team', 'group/team/api'],
  [{ owner: '', repo: '/api' }, undefined, '/api'],
  [{ owner: 'acme', repo: 'else/api' }, 'acme', 'else/api'],
])('the owner is the repository’s when none is named: %j', (fields, organization, full) => {
  const { organization: seen, repo } = read(payloadOf('Reverse-Shell', fields));
  expect([seen, repo.full]).toEqual([organization, full]);
});

test.each([
  ['https://github.com/acme/web/pull/456', '456'],
  ['https://github.com/acme/web/pull/456/files', '456'],
  ['https://gitlab.com/acme/web/-/merge_requests/7', '7'],
  ['https://dev.azure.com/acme/web/_git/web/pullrequest/12?x', '12'],
  ['https://github.com/acme/web/pulls', undefined],
  [7, undefined],
])('the number of the change %s is %s', (pr_url, id) => {
  expect(read(payloadOf('pr_check_failure', { pr_url })).change_id).toBe(id);
});

it('has no page for a job whose id is not a number', () => {
  expect(seen({ job_id: 'build' }).pages).toEqual([PAGES[0], PAGES[1], undefined]);
});
