import fc from 'fast-check'
import t from 'tap'
import {
  add,
  fromNumber,
  multiply,
  power,
  subtract,
  twoProduct,
  twoSum,
} from '../../../../../services/agents/report/analysis/statistics/double-double.ts'

t.test('sums and products keep what a double drops', async (t) => {
  t.strictSame(twoSum(1, 2 ** -60), { hi: 1, lo: 2 ** -60 })
  t.strictSame(twoSum(2 ** 53, 1), { hi: 2 ** 53, lo: 1 })
  // (2^27 + 1)² = 2^54 + 2^28 + 1: the last one does not fit into 53 bits.
  t.strictSame(twoProduct(2 ** 27 + 1, 2 ** 27 + 1), { hi: 2 ** 54 + 2 ** 28, lo: 1 })
})

t.test('a difference of nearly equal sums is exact', async (t) => {
  const large = add(fromNumber(1e16), fromNumber(1))
  t.strictSame(subtract(large, fromNumber(1e16)), { hi: 1, lo: 0 })
  t.equal(1e16 + 1 - 1e16, 0, 'a double loses it')
})

t.test('powers of whole numbers are exact beyond 53 bits', async (t) => {
  const found = power(3, 40)
  t.equal(BigInt(found.hi) + BigInt(found.lo), 3n ** 40n)
  t.strictSame(power(7, 0), { hi: 1, lo: 0 })
})

t.test('whole numbers behave as BigInt does', async () => {
  const whole = fc.integer({ min: -(2 ** 40), max: 2 ** 40 })
  const big = ({ hi, lo }: { hi: number; lo: number }) => BigInt(hi) + BigInt(lo)
  fc.assert(
    fc.property(whole, whole, whole, (a, b, c) => {
      const product = multiply(fromNumber(a), fromNumber(b))
      return (
        big(product) === BigInt(a) * BigInt(b) &&
        big(add(product, fromNumber(c))) === BigInt(a) * BigInt(b) + BigInt(c)
      )
    }),
  )
})
