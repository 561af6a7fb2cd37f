// Loaded with `node --import`: whatever writes a text with the word in it into a document fails, as by a bug of the program.
const word = process.env.THROW_OF ?? '';
const { toWellFormed } = String.prototype;

Reflect.set(String.prototype, 'toWellFormed', function broken() {
  const text = String(this);
  if (word !== '' && text.includes(word)) throw new TypeError('this text is a bug');
  return toWellFormed.call(this);
});
