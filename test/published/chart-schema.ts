/** A JSON Schema as `z.toJSONSchema` generates it. */
interface Schema {
  readonly [keyword: string]: unknown;
}

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mapped = (members: unknown, each: (member: Schema) => Schema): unknown =>
  isObject(members)
    ? Object.fromEntries(
        Object.entries(members).map(([key, member]) => [key, isObject(member) ? each(member) : member]),
      )
    : members;

/** The keywords that text from the environment could break: the program replaces `${NAME}` before it checks. */
const NARROW = ['enum', 'format', 'minimum', 'pattern'];
const isNarrow = (schema: Schema): boolean =>
  'type' in schema &&
  !['object', 'array'].includes(String(schema['type'])) &&
  (schema['type'] !== 'string' || NARROW.some((keyword) => keyword in schema));

/**
 * The configuration's schema in a form that Helm can check values with: draft 7 keywords, which every Helm 3 reads, Go
 * regular expressions, and `${NAME}` wherever the program accepts one.
 */
export function forChart(published: unknown): Schema {
  const schema = isObject(published) ? published : {};
  return adapted(Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keyword.startsWith('$'))));
}

function adapted(schema: Schema): Schema {
  const inner: Schema = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (keyword === 'properties') return [keyword, mapped(value, adapted)];
      if (keyword === 'pattern') return [keyword, String(value).replace('\\uFEFF?', '')];
      if (['items', 'additionalProperties'].includes(keyword) && isObject(value))
        return [keyword, adapted(value)];
      if (['anyOf', 'oneOf', 'allOf'].includes(keyword) && Array.isArray(value))
        return [keyword, value.map((one: unknown) => (isObject(one) ? adapted(one) : one))];
      return [keyword, value];
    }),
  );
  return isNarrow(inner) ? { anyOf: [inner, { $ref: '#/definitions/fromEnvironment' }] } : inner;
}
