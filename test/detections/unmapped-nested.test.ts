import { describe, expect, it } from '@jest/globals';
import { readsOf } from '../../src/detections/reads.ts';
import { detectionOf } from '../mapping/samples.ts';
import { profile } from './harness.ts';

const PAYLOAD = {
  id: 'Runner-Disk-Wiped',
  disk: { device: '/dev/sda', sectors: '2048', maker: { name: 'acme', city: 'here' }, none: null },
  list: ['a', 'b'],
  tool: { name: 'dd', version: '9.1', vendor: 'gnu' },
};

function left(...paths: string[]): { readonly unmapped: unknown; readonly warnings: readonly string[] } {
  const kind = profile(PAYLOAD.id, { reads: readsOf(paths) });
  const { unmapped, warnings } = detectionOf(PAYLOAD, {
    profile: (name) => (name === PAYLOAD.id ? kind : undefined),
  });
  return { unmapped, warnings: warnings.filter((one) => one !== 'bad_timestamp') };
}

describe('nested members that only the rules of a kind read', () => {
  const { disk, list, tool } = PAYLOAD;

  it('are not kept twice, but the rest of the object is', () => {
    expect(left('disk.device', 'disk.maker.name', 'list', 'tool.version')).toEqual({
      unmapped: { disk: { sectors: '2048', maker: { city: 'here' } }, tool: { vendor: 'gnu' } },
      warnings: [],
    });
  });

  it('leave nothing behind when all members are read', () => {
    expect(
      left(
        'disk.device',
        'disk.sectors',
        'disk.maker.name',
        'disk.maker.city',
        'list',
        'tool.version',
        'tool.vendor',
      ),
    ).toEqual({ unmapped: undefined, warnings: [] });
  });

  it('are kept, with a warning, if no field can hold them', () => {
    const { version, vendor } = tool;
    expect(left('disk', 'list.name', 'tool.version.major')).toEqual({
      unmapped: { disk, list, tool: { version, vendor } },
      warnings: ['bad_disk', 'bad_list'],
    });
  });

  it('are kept complete if only one place of a list is read', () => {
    expect(left('list.0').unmapped).toMatchObject({ list });
  });
});
