import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import { CHUNK, MAX_CHUNKS, TaskReplay } from '../../../../services/console/screens/task/task-replay.ts'
import { Story, T0 } from '../../../support/story.ts'

const never = () => false

/** The log of a task whose first step is tried again and again, as signals come to it. */
function longLog(count: number): LogEvent[] {
  const events: LogEvent[] = []
  class ToldStory extends Story {
    override at(ms: number, about: Parameters<Story['at']>[1]) {
      events.push({ ...about, atMs: T0 + ms, seq: 10 + 3 * events.length } as LogEvent)
      return super.at(ms, about)
    }
  }
  const story = new ToldStory()
  story.accept({
    plan: { steps: [{ id: 'many', agent: 'x', forEach: { items: Array(count).fill(0), concurrency: 4 } }] },
  })
  for (let n = 0; events.length < count; n++) {
    story.started(2 * n + 1, `many.${n}`, 1)
    story.done(2 * n + 2, `many.${n}`)
  }
  return events.slice(0, count)
}

/** Events behind a place, as the API gives them. */
function behind(
  log: readonly LogEvent[],
  { afterSeq, events }: { afterSeq: number | undefined; events: number },
) {
  return log.filter(({ seq }) => afterSeq === undefined || seq > afterSeq).slice(0, events)
}

t.test('in parts it comes to the same as at once', async (t) => {
  const log = longLog(40)
  const whole = new TaskReplay()
  t.equal(whole.advance(log, never), 40)
  const parts = new TaskReplay()
  let turns = 0
  for (let at = 0; at < log.length; turns++) at += parts.advance(log.slice(at, at + 7), () => turns % 2 === 0)
  t.ok(turns > 40 / 7, 'it was stopped in between')
  t.strictSame(parts.around(0), whole.around(0))
  t.strictSame(parts.attempts, whole.attempts)
  t.equal(parts.lastSeq, log.at(-1)!.seq)
})

t.test(
  'of a long log some thousands of events are kept, and any other is made again as it was',
  async (t) => {
    const log = longLog(CHUNK * (MAX_CHUNKS + 4) + 17)
    const replay = new TaskReplay()
    const seen = new Map<number, unknown>()
    for (const event of log) {
      replay.advance([event], never)
      const index = replay.count - 1
      if (index % 333 === 0) seen.set(index, structuredClone(replay.at(index)))
    }
    t.equal(replay.count, log.length)
    t.ok(replay.around(replay.count - 1).length <= CHUNK * MAX_CHUNKS)
    t.equal(replay.at(0), undefined, 'the first ones were given up')
    for (const [index, moment] of seen) {
      const missing = replay.missing(index)
      if (missing) {
        t.ok(missing.events <= CHUNK, 'made again from a state right before it')
        replay.restore(index, behind(log, missing))
      }
      t.strictSame(replay.at(index), moment)
      t.ok(replay.around(index).some((each) => each.index === index))
    }
    t.ok(replay.at(replay.count - 1), 'the end is kept: it may go on')
    t.equal(replay.missing(replay.count), undefined, 'what is not there yet is not missing')
  },
)

t.test('a log of a hundred thousand events: little is kept, and little is read again', async (t) => {
  const replay = new TaskReplay()
  const [accepted, ...rest] = longLog(3)
  replay.advance([accepted!], never)
  // What comes late counts for nothing, and is an event of the log all the same.
  const late = rest[1]!
  for (let n = 1; n < 100_000; n++) replay.advance([{ ...late, seq: 10 + 3 * n } as LogEvent], never)
  t.equal(replay.count, 100_000)
  const missing = replay.missing(50_123)!
  t.ok(missing.events <= 2 * CHUNK, `${missing.events} events are read again`)
  const first = (missing.afterSeq! - 10) / 3 + 1
  const events = Array.from(
    { length: missing.events },
    (_, n) => ({ ...late, seq: 10 + 3 * (first + n) }) as LogEvent,
  )
  replay.restore(50_123, events)
  t.match(replay.at(50_123), { index: 50_123, event: { seq: 10 + 3 * 50_123 } })
})
