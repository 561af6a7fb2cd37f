// Loaded with `node --import`: writing a text that contains the word into a document throws, like a bug in the program.
const word = process.env.THROW_OF ?? '';
const { toWellFormed } = String.prototype;

Reflect.set(String.prototype, 'toWellFormed', function broken() {
  const text = String(this);
  if (word !== '' && text.includes(word)) throw new TypeError('this text is a bug');
  return toWellFormed.call(this);
});
