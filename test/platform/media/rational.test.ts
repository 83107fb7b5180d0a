import fc from 'fast-check'
import t from 'tap'
import {
  formatRational,
  parseRational,
  rational,
  rationalFromDecimal,
  rationalFromPrintedRate,
  toNumber,
} from '#platform/media/rational.ts'

t.test('in lowest terms; what is not positive is none', async (t) => {
  t.strictSame(rational(60_000, 2002), { numerator: 30_000, denominator: 1001 })
  for (const [numerator, denominator] of [
    [0, 1],
    [1, 0],
    [-1, 1],
    [0.5, 1],
    [Number.NaN, 1],
  ] as const)
    t.equal(rational(numerator, denominator), undefined, `${numerator}/${denominator}`)
})

t.test('parsed and formatted as ffmpeg writes them', async (t) => {
  t.equal(formatRational(parseRational('30000/1001')!), '30000/1001')
  t.equal(formatRational(parseRational('50:2')!), '25')
  for (const text of ['0/0', '25', '', '1/2/3', '-1/2', '1.5/2'])
    t.equal(parseRational(text), undefined, text)
})

t.test('printed rates: NTSC is recognised, all others are what is printed', async (t) => {
  const printed = { 23.98: '24000/1001', 29.97: '30000/1001', 59.94: '60000/1001', 119.88: '120000/1001' }
  for (const [rate, exact] of Object.entries(printed))
    t.equal(formatRational(rationalFromPrintedRate(Number(rate))!), exact)
  t.equal(formatRational(rationalFromPrintedRate(12.5)!), '25/2')
  t.equal(formatRational(rationalFromPrintedRate(29.5)!), '59/2')
  t.equal(formatRational(rationalFromPrintedRate(30)!), '30')
  t.equal(rationalFromPrintedRate(Number.NaN), undefined)
  t.equal(rationalFromPrintedRate(0), undefined)
})

t.test('decimals to a millionth', async (t) => {
  t.strictSame(rationalFromDecimal(0.1), { numerator: 1, denominator: 10 })
  t.equal(rationalFromDecimal(1e-9), undefined)
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1000, noNaN: true }), (value) => {
      return Math.abs(toNumber(rationalFromDecimal(value)!) - value) <= 5.1e-7
    }),
  )
})
