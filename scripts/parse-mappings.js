/**
 * Writes dist/mappings.json: the parsed YAML of each mapping in the package, next to its text. The program parses no YAML
 * that it finds there (src/mapping/parsed.ts).
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const folder = new URL('../mappings/', import.meta.url);
const texts = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));
writeFileSync(
  fileURLToPath(new URL('../dist/mappings.json', import.meta.url)),
  JSON.stringify(texts.map((text) => [text, parse(text)])),
);
