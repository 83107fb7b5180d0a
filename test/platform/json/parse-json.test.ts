import fc from 'fast-check'
import t from 'tap'
import { childAt } from '../../../services/platform/json/load-stored.ts'
import { isKept, type JsonLimits, parseBoundedJson } from '../../../services/platform/json/parse-json.ts'

const parse = (text: string, limits?: JsonLimits) => parseBoundedJson(Buffer.from(text), limits)

t.test('numbers that would be altered are refused, with where they stand', async (t) => {
  for (const number of [
    '9007199254740993',
    '-9007199254740993',
    '9007199254740993.0',
    '9.007199254740993e15',
    '12345678901234567890',
    '1e999',
    '-1e999',
    '1e-999',
    `1${'0'.repeat(400)}`,
    '123456789012345678901234567890',
  ])
    t.throws(() => parse(`{"a":[1, ${number}]}`), {
      code: 'MALFORMED_JSON',
      message: /^the number .* at byte 9 /,
    })
})

t.test('all others come out as they went in', async (t) => {
  for (const number of [
    '0',
    '-0.0',
    '9007199254740992',
    '9007199254740994',
    '1e21',
    '10000000000000000000000',
    '1.7976931348623157e308',
    '1000000000000000000000000000000e-20',
    '0e999',
    '0.1000000000000000055511151231257827',
    '13.376481999999998651',
    '5e-324',
  ]) {
    const [value] = parse(`[${number}]`) as [number]
    t.equal(value, Number(number), number)
  }
  t.strictSame(parse('{"9007199254740993":"1e999 \\" 9007199254740993"}'), {
    '9007199254740993': '1e999 " 9007199254740993',
  })
})

t.test('whatever JavaScript writes is kept', async () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
      isKept(JSON.stringify(value)),
    ),
  )
  fc.assert(fc.property(fc.jsonValue(), (value) => void parse(JSON.stringify(value))))
})

t.test('a whole number is kept when it is the same afterwards, and only then', async () => {
  fc.assert(
    // Below this, JavaScript writes all digits.
    fc.property(fc.bigInt({ min: -(2n ** 69n), max: 2n ** 69n }), (value) => {
      const text = String(value)
      return isKept(text) === (BigInt(String(Number(text))) === value)
    }),
  )
})

t.test('data that is not ours to refuse is taken as JavaScript reads it', async (t) => {
  t.equal(parse('9007199254740993', { numbers: 'nearest' }), 9007199254740992)
})

t.test('half numbers are for the parser to refuse', async (t) => {
  for (const text of ['-', '1e', '1.', '--1', '1-1', '00000000000000000001', '1e+-5'])
    t.throws(() => parse(text), { code: 'MALFORMED_JSON', message: /not JSON/ }, text)
})

t.test('only the places of a list are its indices', async (t) => {
  const list = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k']
  t.equal(childAt(list, '0'), 'a')
  t.equal(childAt(list, '10'), 'k')
  for (const key of [
    '1e0',
    '01',
    '+1',
    '-0',
    '1.0',
    ' 1',
    '1 ',
    '0x1',
    '',
    'length',
    '11',
    '99999999999999999999',
  ])
    t.equal(childAt(list, key), undefined, key)
  t.equal(childAt({ '1e0': 5 }, '1e0'), 5)
})
