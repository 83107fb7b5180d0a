import fc from 'fast-check'
import t from 'tap'
import { LogTimes } from '../../../services/orchestrator/checkpoints/log-times.ts'

function logOf(messages: { seq: number; storedAtMs: number }[], firstSeq = messages[0]?.seq ?? 1) {
  let asked = 0
  const log = {
    created: 'born-1',
    get asked() {
      return asked
    },
    facts: async () => ({
      ...{ created: log.created, firstSeq, nowMs: undefined, isLed: true },
      lastSeq: messages.at(-1)?.seq ?? firstSeq - 1,
    }),
    async placeFrom(_: string, seq: number) {
      asked++
      return messages.find((one) => one.seq >= seq)
    },
  }
  return log
}

t.test('it finds the last message that was stored by a moment, also where some are missing', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ gap: fc.integer({ min: 1, max: 3 }), tookMs: fc.integer({ min: 0, max: 5 }) })),
      fc.integer({ min: 0, max: 60 }),
      async (steps, untilMs) => {
        let [seq, storedAtMs] = [10, 0]
        const messages = steps.map(({ gap, tookMs }) => {
          seq += gap
          storedAtMs += tookMs
          return { seq, storedAtMs }
        })
        const log = logOf(messages)
        const wanted =
          messages.findLast((one) => one.storedAtMs <= untilMs)?.seq ?? (messages[0]?.seq ?? 1) - 1
        t.equal(await new LogTimes(log).lastBefore(untilMs), wanted)
      },
    ),
  )
})

t.test('all partitions of a process ask once; another log is looked at anew', async (t) => {
  const messages = Array.from({ length: 1000 }, (_, i) => ({ seq: i + 1, storedAtMs: i * 10 }))
  const log = logOf(messages)
  const times = new LogTimes(log)
  const found = await Promise.all([0, 1, 2].map((i) => times.lastBefore(5000 + i)))
  t.strictSame(found, [501, 501, 501])
  const { asked } = log
  t.ok(asked > 5 && asked <= 11, `${asked} questions`)
  log.created = 'born-2'
  t.equal(await times.lastBefore(5001), 501)
  t.ok(log.asked > asked)
  t.equal(await times.lastBefore(100), 11, 'and an earlier moment')
})
