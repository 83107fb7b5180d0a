import t from 'tap'
import { decimalNumber, flag, oneOf, url, urls, wholeNumber } from '#platform/config/variable-schemas.ts'

t.test('whole numbers: decimal, within their range, both ends included', async (t) => {
  const schema = wholeNumber({ min: -2, max: 10 })
  for (const [text, value] of [
    ['-2', -2],
    ['0', 0],
    ['007', 7],
    ['10', 10],
  ] as const)
    t.equal(schema.parse(text), value)
  for (const text of ['-3', '11', '1.0', '1e1', '0x1', ' 1', '', '+1', 'NaN', '9'.repeat(20)])
    t.match(schema.safeParse(text).error?.issues, [{ message: 'must be a whole number from -2 to 10' }], text)
})

t.test('decimal numbers', async (t) => {
  const schema = decimalNumber({ min: 0, max: 1 })
  t.equal(schema.parse('0.05'), 0.05)
  t.equal(schema.parse('1'), 1)
  for (const text of ['1.01', '-0.1', '.5', '1.', '1e-1', 'Infinity'])
    t.notOk(schema.safeParse(text).success, text)
})

t.test('flags and words', async (t) => {
  for (const text of ['true', '1', 'YES', 'On']) t.equal(flag().parse(text), true, text)
  for (const text of ['false', '0', 'No', 'OFF']) t.equal(flag().parse(text), false, text)
  t.throws(() => flag().parse('2'), /must be true or false/)
  t.equal(oneOf(['auto', 'cpu']).parse('cpu'), 'cpu')
  t.throws(() => oneOf(['auto', 'cpu']).parse('CPU'), /must be one of auto, cpu/)
})

t.test('addresses are kept as written, and have a protocol that is allowed and a host', async (t) => {
  t.equal(url(['http', 'https']).parse('http://a/b?c'), 'http://a/b?c')
  for (const text of ['ftp://a', 'a:4222', 'http://', 'http', ''])
    t.throws(
      () => url(['http', 'https']).parse(text),
      /must be a URL that starts with http:\/\/ or https:\/\//,
    )
  t.equal(urls(['nats']).parse('nats://a:1, nats://b:2'), 'nats://a:1, nats://b:2')
  t.throws(() => urls(['nats']).parse('nats://a:1,'), /or several separated by commas/)
})
