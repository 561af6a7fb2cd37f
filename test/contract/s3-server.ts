import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UnavailableError } from '../../src/contracts/errors.ts';
import { FULL } from '../full.ts';
import { type ScriptedS3, scriptedS3 } from '../scripted/s3.ts';

/** The result of one run over the bucket. */
interface Reading {
  readonly texts: readonly string[];
  /** Objects that became one dead letter each. */
  readonly letters: readonly string[];
  readonly error: unknown;
  readonly counts: Readonly<Record<string, number>>;
  /** URIs that the log named. */
  readonly logged: readonly string[];
}

/** One way to read the objects of a bucket; its runs follow each other as in the pipeline. */
export interface S3Reader {
  put(key: string, body: string | Buffer): void;
  run(): Promise<Reading>;
  close(): Promise<void>;
}

export interface S3Way {
  /** Finds objects by listing the bucket. */
  readonly lists: boolean;
  /** A run remembers what the one before it did. */
  readonly remembers: boolean;
  /** `isOurs` recognizes the places that this configuration writes to. */
  open(s3: ScriptedS3, isOurs: (key: string) => boolean): Promise<S3Reader>;
}

const text = (id: string): string => JSON.stringify({ id });
const KEYS = ['a', 'b', 'c', 'd', 'e'];

/** How every way of reading a bucket behaves with a server that differs from S3. `way` is opened for each case. */
export function s3ServerContract(name: string, way: S3Way): void {
  let s3: ScriptedS3;
  let reader: S3Reader;
  beforeEach(async () => {
    s3 = await scriptedS3();
    reader = await way.open(s3, (key) => key.startsWith('ours/'));
  });
  afterEach(async () => {
    await reader.close();
    await s3.close();
  });

  /** The object `key` cannot be read: every run says so, and the other objects are still read. */
  const expectFailing = async (key: string, good: readonly string[]): Promise<void> => {
    const uri = `s3://scripted/${key}`;
    const first = await reader.run();
    expect([...first.texts].sort()).toEqual(good.map(text).sort());
    expect(first.logged).toContain(uri);
    // The queue's redrive policy counts the attempts.
    if (!way.lists) {
      expect(first.counts.objects_failed).toBeGreaterThan(0);
      return;
    }
    expect(first.counts.objects_failed).toBe(1);
    expect(String(first.error)).toMatch(/^UnavailableError.*1 object could not be read/);
    const second = await reader.run();
    expect(second.error).toBeInstanceOf(UnavailableError);
    expect(second.texts).toHaveLength(way.remembers ? 0 : good.length);
    if (!way.remembers) return;
    const third = await reader.run();
    expect([third.error, third.letters]).toEqual([undefined, [uri]]);
    expect(await reader.run()).toMatchObject({ texts: [], letters: [], error: undefined });
  };

  const onlyListing = (define: () => void): void => {
    if (way.lists) define();
  };

  onlyListing(() =>
    describe(`${name}, from a server that does not paginate like S3`, () => {
      let turns = 0;
      beforeEach(() => {
        turns = 0;
        s3.pageSize = 2;
        for (const key of KEYS) reader.put(key, text(key));
      });
      const cases: Record<string, ScriptedS3['turn']> = {
        'gives no token': (page) => {
          page.token = undefined;
        },
        'gives an empty token': (page) => {
          if (page.more) page.token = '';
        },
        'gives the same token again': (page) => {
          page.more = true;
          page.token = '2';
        },
        'leads in a circle': (page) => {
          page.more = true;
          page.token = ['2', '4'][turns++ % 2];
        },
        'does not say whether there is more': (page) => {
          page.more = undefined;
          page.token = undefined;
        },
        'gives the same page under new tokens': (page) => {
          page.more = true;
          page.token = '0'.repeat(++turns);
        },
        'keeps giving empty pages': (page) => {
          page.items = [];
          page.more = true;
          page.token = String(100 + turns++);
        },
      };

      // This one is given up after a thousand pages.
      const told = Object.keys(cases).filter((title) => FULL || !title.includes('gives nothing'));
      it.each(told)('stops at one that %s, and treats nothing as read that was not', async (title) => {
        s3.turn = cases[title] ?? s3.turn;
        const first = await reader.run();
        expect(String(first.error)).toMatch(/^UnavailableError.*the server does not give the whole list/);
        expect(first.counts.s3_list).toBeLessThanOrEqual(1_000);
        s3.turn = () => undefined;
        // An entry is read once, however often its page is returned.
        expect(first.texts).toEqual([...new Set(first.texts)]);
        const second = await reader.run();
        expect(second.error).toBeUndefined();
        const seen = way.remembers ? [...first.texts, ...second.texts] : second.texts;
        expect(new Set(seen)).toEqual(new Set(KEYS.map(text)));
        if (way.remembers) expect((await reader.run()).texts).toEqual([]);
      });

      it('reads an object once that is listed twice', async () => {
        s3.turn = (page) => {
          page.items = page.items.flatMap((item) => [item, item]);
        };
        const first = await reader.run();
        expect([first.error, first.texts]).toEqual([undefined, KEYS.map(text)]);
      });

      it('reads everything else when an entry has no key, and says so', async () => {
        s3.turn = (page) => {
          page.items = page.items.map((item) => item.replace('<Key>b</Key>', ''));
        };
        const first = await reader.run();
        expect(first.texts).toEqual(['a', 'c', 'd', 'e'].map(text));
        expect(String(first.error)).toMatch(/^UnavailableError.*1 entries .* no readable key/);
      });

      it.each([
        ['without a size', ''],
        ['with another size', '<Size>7</Size>'],
        ['with a larger size', '<Size>700</Size>'],
      ])('names an object that is listed %s', async (_, size) => {
        s3.turn = (page) => {
          page.items = page.items.map((item) =>
            item.includes('<Key>c<') ? item.replace(/<Size>.*<\/Size>/, size) : item,
          );
        };
        await expectFailing('c', ['a', 'b', 'd', 'e']);
      });
    }),
  );

  describe(`${name}, from a server with unusual ETags`, () => {
    beforeEach(() => {
      for (const key of KEYS) reader.put(key, text(key));
    });
    const expectAll = async (): Promise<void> => {
      const { texts, error } = await reader.run();
      expect([[...texts].sort(), error]).toEqual([KEYS.map(text), undefined]);
      if (way.remembers) expect((await reader.run()).texts).toEqual([]);
    };

    it('reads objects with weak ETags, without sending a condition that never matches', async () => {
      s3.etag = (etag) => `W/"${etag}"`;
      await expectAll();
      // A notification does not show that an ETag is weak: the first refusal does.
      const conditional = s3.requests.filter(({ ifMatch }) => ifMatch !== undefined);
      if (way.lists) expect(conditional).toEqual([]);
    });

    it.each(['list', 'get'] as const)('reads objects whose ETag has no quotes in a %s', async (where) => {
      s3.etag = (etag, asked) => (asked === where ? etag : `"${etag}"`);
      s3.matches = (ifMatch, etag) => ifMatch.replaceAll('"', '') === etag?.replaceAll('"', '');
      await expectAll();
    });

    it('reads objects without ETags', async () => {
      s3.etag = () => undefined;
      await expectAll();
    });

    it('reads objects from a server whose If-Match never matches, and warns once', async () => {
      s3.matches = () => false;
      await expectAll();
    });

    it('names an object that is refused (412) whatever the request', async () => {
      s3.fault = ({ operation, key }) =>
        operation === 'get' && key === 'c' ? { status: 412, code: 'PreconditionFailed' } : undefined;
      await expectFailing('c', ['a', 'b', 'd', 'e']);
    });

    it('names an object whose version always differs from the listed one', async () => {
      s3.matches = (ifMatch, etag) => ifMatch === etag || etag === '"other"';
      s3.reply = (reply, { operation, key }) => {
        if (operation === 'get' && key === 'c') reply.headers.etag = '"other"';
      };
      await expectFailing('c', ['a', 'b', 'd', 'e']);
    });
  });

  describe(`${name}, from a server with unusual ranges`, () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => text(String(i)));
    const large = lines.join('\n');
    beforeEach(() => {
      reader.put('a', text('a'));
      reader.put('large', large);
      reader.put('z', text('z'));
    });
    const cutOnce = (): void => {
      let cuts = 0;
      s3.fault = ({ operation, key }) =>
        operation === 'get' && key === 'large' && cuts++ === 0 ? { cutAfter: 20_000 } : undefined;
    };

    it('reads a whole object as such when it asked for the middle', async () => {
      cutOnce();
      s3.reply = (reply, { range }) => {
        if (range === undefined) return;
        reply.status = 200;
        reply.body = Buffer.from(large);
        delete reply.headers['content-range'];
      };
      const { texts, error } = await reader.run();
      expect(error).toBeUndefined();
      expect([...texts].sort()).toEqual([text('a'), ...lines, text('z')].sort());
    });

    it('names an object when another range comes than was requested', async () => {
      cutOnce();
      s3.reply = (reply, { range }) => {
        if (range !== undefined)
          reply.headers['content-range'] = `bytes 5-${large.length - 1}/${large.length}`;
      };
      const { texts, logged } = await reader.run();
      expect(logged).toContain('s3://scripted/large');
      expect(texts).toEqual(expect.arrayContaining([text('a'), text('z')]));
    });

    it('names an object whose body never arrives whole, and reads the others', async () => {
      s3.fault = ({ operation, key }) => (operation === 'get' && key === 'a' ? { cutAfter: 3 } : undefined);
      s3.reply = (reply, { key, range }) => {
        if (key === 'a' && range !== undefined) reply.body = Buffer.alloc(0);
      };
      const { texts, logged } = await reader.run();
      expect(logged).toContain('s3://scripted/a');
      const seen = new Set(texts);
      expect([...lines, text('z')].filter((line) => !seen.has(line))).toEqual([]);
    });
  });

  describe(`${name}, from a server that does not send the length of a body`, () => {
    const large = Array.from({ length: 80_000 }, (_, i) => text(String(i)));
    const bodies: Record<string, string | Buffer> = {
      small: text('c'),
      large: large.join('\n'),
      compressed: gzipSync(large.join('\n')),
    };
    const chunk = (more: (body: Buffer) => Buffer): void => {
      s3.reply = (reply, { key, operation }) => {
        if (key !== 'c' || operation !== 'get') return;
        reply.headers['transfer-encoding'] = 'chunked';
        reply.body = more(reply.body);
      };
    };

    it.each(Object.keys(bodies))('reads a %s object that is as long as listed', async (kind) => {
      reader.put('a', text('a'));
      reader.put('c', bodies[kind] ?? '');
      chunk((body) => body);
      const { texts, error } = await reader.run();
      expect(error).toBeUndefined();
      expect(texts).toHaveLength(kind === 'small' ? 2 : large.length + 1);
    });

    it.each(Object.keys(bodies))('names a %s object that continues past its listed size', async (kind) => {
      for (const key of ['a', 'z']) reader.put(key, text(key));
      reader.put('c', bodies[kind] ?? '');
      chunk((body) => Buffer.concat([body, Buffer.from(`\n${text('more')}`)]));
      const { texts, logged, counts, error } = await reader.run();
      const seen = new Set(texts);
      expect(['a', 'z', 'more'].map((id) => seen.has(text(id)))).toEqual([true, true, false]);
      expect(logged).toContain('s3://scripted/c');
      expect(counts.objects_failed).toBeGreaterThan(0);
      if (way.lists) expect(String(error)).toContain('its body is longer');
    });
  });

  describe(`${name}, from a bucket with names of all kinds`, () => {
    const names = [
      'a b+c%20.json',
      '100%',
      '%zz',
      'x\ry',
      'n\nl',
      'tab\t\u0001',
      '/lead',
      'q//r',
      'd/../e',
      'k/./l',
      'zürich/日本/😀.json',
      "q'&(x)=1;~*!$@:,.json",
      'é'.repeat(512),
      'folder/with content/',
    ];

    it('reads each object', async () => {
      for (const key of names) reader.put(key, text(key));
      const { texts, error } = await reader.run();
      expect([[...texts].sort(), error]).toEqual([names.map(text).sort(), undefined]);
    });

    it('ignores empty objects and a connection test, but no other object with a similar name', async () => {
      reader.put('folder/', '');
      reader.put('d/temp/temp.json', '{"test":true}');
      const alert = JSON.stringify({ id: 'x', more: 'y'.repeat(300) });
      reader.put('temp.json', alert);
      const { texts, counts } = await reader.run();
      expect(texts).toEqual([alert]);
      expect(counts.objects_ignored).toBe(2);
    });

    it('skips objects where this configuration writes, and counts them', async () => {
      for (const key of ['a', 'ours/x', 'ours/y/z', 'oursnot']) reader.put(key, text(key));
      const { texts, counts, error } = await reader.run();
      expect([[...texts].sort(), error]).toEqual([[text('a'), text('oursnot')], undefined]);
      expect(counts.objects_ours).toBe(2);
    });

    onlyListing(() =>
      it('names what a server without URL encoding cannot list', async () => {
        s3.encodes = false;
        for (const key of ['good', 'a+b %20', 'x\ry']) reader.put(key, text(key));
        const { texts, error } = await reader.run();
        expect(texts).toEqual(['a+b %20', 'good'].map(text));
        expect(String(error)).toMatch(/1 object could not be read.*rename the object/s);
      }),
    );
  });
}
