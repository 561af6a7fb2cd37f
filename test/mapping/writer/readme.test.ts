import { expect, test } from '@jest/globals';
import { emitBranch } from '../../../src/mapping/writer/emit.ts';
import { compileRule } from '../../../src/mapping/writer/rule.ts';
import { type Branch, insert } from '../../../src/mapping/writer/tree.ts';
import { read } from '../../markdown.ts';

const README = 'src/mapping/writer/README.md';

test('the README prints the function as it is generated now', () => {
  const event: Branch = { members: new Map() };
  insert(event, 'kind', compileRule('alert'));
  insert(event, 'id', compileRule('$uid'));
  const [, printed] = /^```text\n([\s\S]*?)\n```$/m.exec(read(README)) ?? [];
  expect(printed).toBe(emitBranch('"event":', event).body);
});
