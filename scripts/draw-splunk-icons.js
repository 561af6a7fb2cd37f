/**
 * Draws the add-on's icons: a shield with three steps. Run by hand when the drawing changes; the PNGs are committed.
 *
 *   node scripts/draw-splunk-icons.js
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';

const SAMPLES = 4;
const folder = new URL('../deploy/splunk/TA-stepsecurity/static/', import.meta.url);

/** @param {number} x @param {number} y In a square of side 1. */
function inShield(x, y) {
  const half = y < 0.5 ? 0.38 : 0.38 * Math.sqrt(Math.max(0, 1 - ((y - 0.5) / 0.44) ** 2));
  return y > 0.06 && y < 0.94 && Math.abs(x - 0.5) < half;
}

/** @param {number} x @param {number} y */
function inSteps(x, y) {
  if (x < 0.27 || x > 0.73 || y > 0.66) return false;
  const step = Math.floor((x - 0.27) / (0.46 / 3));
  const top = 0.54 - 0.14 * step;
  return y > top && y < top + 0.12;
}

/**
 * @param {number} size
 * @param {[number, number, number]} shield
 * @param {[number, number, number]} steps
 */
function draw(size, shield, steps) {
  const rows = Buffer.alloc(size * (size * 4 + 1));
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const sum = [0, 0, 0];
      let covered = 0;
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
        const x = (column + ((sample % SAMPLES) + 0.5) / SAMPLES) / size;
        const y = (row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / size;
        if (!inShield(x, y)) continue;
        covered += 1;
        const color = inSteps(x, y) ? steps : shield;
        for (const channel of [0, 1, 2]) sum[channel] += color[channel];
      }
      const at = row * (size * 4 + 1) + 1 + column * 4;
      for (const channel of [0, 1, 2])
        rows[at + channel] = covered === 0 ? 0 : Math.round(sum[channel] / covered);
      rows[at + 3] = Math.round((255 * covered) / (SAMPLES * SAMPLES));
    }
  }
  return rows;
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** @param {number} size @param {Buffer} rows */
function png(size, rows) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

for (const [name, size] of [
  ['appIcon', 36],
  ['appIcon_2x', 72],
  ['appIconAlt', 36],
  ['appIconAlt_2x', 72],
]) {
  const alt = name.includes('Alt');
  const rows = draw(size, alt ? [255, 255, 255] : [76, 53, 184], alt ? [76, 53, 184] : [255, 255, 255]);
  writeFileSync(fileURLToPath(new URL(`${name}.png`, folder)), png(size, rows));
}
