import t from 'tap'
import { patienceOf } from '../../services/sdk/step-gate.ts'

t.test('how long one that comes again keeps others waiting grows with each time', async (t) => {
  const of = (deliveries: number, suspect = false, interruptible = false) =>
    patienceOf({ deliveries, suspect, interruptible })
  t.strictSame(
    [2, 3, 4, 5, 9].map((n) => of(n).aloneMs),
    [1000, 1000, 4000, 16_000, 60_000],
  )
  t.strictSame(
    [2, 3, 4].map((n) => of(n).waitMs),
    [2000, 2000, 8000],
  )
  t.ok(of(9, false, true).waitMs <= 2000, 'for handlers that work for hours nobody waits')
  t.ok(of(1, true).aloneMs >= 60_000, 'a suspect is alone for long')
})
