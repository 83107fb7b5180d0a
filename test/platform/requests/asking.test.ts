import t from 'tap'
import { activeAsking, withAsking } from '#platform/requests/asking.ts'

t.test('who waits is known across awaits, and nowhere else', async (t) => {
  t.equal(activeAsking(), undefined)
  const seen = await withAsking({ untilMs: 7 }, async () => {
    await Promise.resolve()
    return activeAsking()
  })
  t.strictSame(seen, { untilMs: 7 })
  t.equal(activeAsking(), undefined)
})
