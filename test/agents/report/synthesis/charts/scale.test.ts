import fc from 'fast-check'
import t from 'tap'
import {
  niceDomain,
  niceTicks,
  tickDecimals,
  timeTicks,
} from '../../../../../services/agents/report/synthesis/charts/scale.ts'

t.test('ticks are round numbers inside the domain', async (t) => {
  t.same(niceTicks([0, 1], 5), [0, 0.2, 0.4, 0.6, 0.8, 1])
  t.same(niceTicks([-37, 112], 4), [0, 50, 100])
  t.same(niceDomain([315.98, 421.08], 5), [300, 450])
  t.same(niceDomain([5, 5], 5), [4.5, 5.5])
  t.equal(tickDecimals([0, 0.25]), 1)
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-4, max: 1e9, noNaN: true }),
      (low, size) => {
        const domain = niceDomain([low, low + size], 5)
        const ticks = niceTicks(domain, 5)
        return domain[0] <= low + 1e-9 * (Math.abs(low) + size) && ticks.length >= 2 && ticks.length <= 12
      },
    ),
    { numRuns: 300 },
  )
})

t.test('dates are round and have room', async (t) => {
  const ticks = timeTicks([Date.UTC(1959, 0, 1), Date.UTC(2023, 0, 1)], 660)
  t.same(
    ticks.map(({ label }) => label),
    ['1960', '1970', '1980', '1990', '2000', '2010', '2020'],
  )
  const months = timeTicks([Date.UTC(2023, 0, 15), Date.UTC(2023, 11, 15)], 600)
  t.same(
    months.map(({ label }) => label),
    ['Apr 2023', 'Jul 2023', 'Oct 2023'],
  )
  t.ok(timeTicks([0, 60_000], 300).length >= 1)
})
