import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import {
  cancelledRun,
  dispatchedRun,
  failedRun,
  startedRun,
  withLaterDeadline,
} from '#workflow/decide/run-states.ts'

const TIMES = { atMs: 1000, deadlineAtMs: 9000 }
const about = { ...TIMES, seed: 's', bounded: (error: { code: string; message: string }) => error }

t.test('the next attempt is out; the time of a child begins with it', async (t) => {
  const agent = dispatchedRun(
    { status: 'backoff', attempt: 2, crashes: 1 },
    { agent: 'x', input: 1, timeoutMs: 5 },
    TIMES,
  )
  t.strictSame(agent, {
    status: 'dispatched',
    attempt: 3,
    dispatchedAtMs: 1000,
    expiresAtMs: 9000,
    crashes: 1,
  })
  const child = dispatchedRun(undefined, { agent: '_task', input: 1, timeoutMs: 5 }, TIMES)
  t.match(child, { attempt: 1, timeoutAtMs: 1005 })
})

t.test('an attempt that failed is the last one when its policy, or that of its code, says so', async (t) => {
  const run = { status: 'dispatched' as const, attempt: 2 }
  const fail = (code: string, maxAttempts: number) =>
    failedRun(
      run,
      { agent: 'x', input: 1, retry: { maxAttempts: 2, byCode: { BUSY: { maxAttempts } } } },
      { code, message: 'm' },
      about,
    )
  t.match(fail('OTHER', 9), { ended: true, run: { status: 'failed' } })
  t.match(fail('BUSY', 3), { ended: false, run: { status: 'backoff', attempt: 2 } })
  t.match(fail('BUSY', 1), { ended: true })
})

t.test(
  'who is called back waits for nothing; who waited for the deadline waits for the later one',
  async (t) => {
    const out = { status: 'dispatched' as const, attempt: 1, expiresAtMs: 9000, timeoutAtMs: 5 }
    t.strictSame(cancelledRun(out), { status: 'cancelled', attempt: 1 })
    t.equal(withLaterDeadline(out, 9000, 12_000).expiresAtMs, 12_000)
    t.equal(withLaterDeadline({ ...out, expiresAtMs: 4000 }, 9000, 12_000).expiresAtMs, 4000)
  },
)

t.test('an attempt on a site may be told of only when its link is back', async (t) => {
  const started = { instance: 'x', bornAtMs: 1, alone: false, ...TIMES }
  const at = (agent: string) =>
    startedRun({ status: 'dispatched', attempt: 1 }, { agent, timeoutMs: 5000, input: {} }, started)
      .timeoutAtMs
  t.equal(at('capture'), 9000)
  t.equal(at('capture--yard'), 6000 + LIMITS.siteCutMs)
})

t.test('in a task without an end the longest time and the most attempts have no bound', async (t) => {
  const times = { atMs: 1000, deadlineAtMs: 1000 + LIMITS.endlessTaskMs }
  const body = { agent: 'capture', input: {}, timeoutMs: LIMITS.stepTimeoutMs, retry: { maxAttempts: 100 } }
  const started = { instance: 'x', bornAtMs: 1, alone: true, ...times }
  const running = startedRun({ status: 'dispatched', attempt: 5000 }, body, started)
  t.equal(running.timeoutAtMs, undefined)
  t.type(
    startedRun({ status: 'dispatched', attempt: 1 }, { ...body, timeoutMs: 60_000 }, started).timeoutAtMs,
    'number',
  )

  const years = 30 * 365 * 24 * 3600 * 1000
  const end = { ...about, ...times, atMs: times.atMs + years }
  const failed = failedRun(running, body, { code: 'UNAVAILABLE', message: 'm' }, end)
  t.match(failed, { ended: false, run: { status: 'backoff', attempt: 5000 } })
  t.ok(failed.run.retryAtMs! - end.atMs <= 36_000, 'soon')
  t.match(failedRun(running, { ...body, retry: { maxAttempts: 3 } }, { code: 'X', message: 'm' }, end), {
    ended: true,
  })
})

t.test(
  'what takes its process down at once is tried more and more rarely; what had run for long is not held against it',
  async (t) => {
    const times = { atMs: 1000, deadlineAtMs: 1000 + LIMITS.endlessTaskMs }
    const body = { agent: 'capture', input: {}, retry: { maxAttempts: 100, maxDelayMs: 5000 } }
    const crash = { code: 'AGENT_CRASHED', message: 'm' }
    const run = { instance: 'x', bornAtMs: 1, alone: true, sinceMs: times.atMs }
    const after = (crashes: number, ranMs: number) =>
      failedRun({ status: 'dispatched', attempt: 200, crashes, run }, body, crash, {
        ...about,
        ...times,
        atMs: times.atMs + ranMs,
      })
    const delayMs = (crashes: number, ranMs: number) =>
      after(crashes, ranMs).run.retryAtMs! - times.atMs - ranMs
    t.equal(delayMs(300, 1000), 300_000)
    t.notOk(after(300, 1000).ended)
    t.ok(delayMs(300, 3_600_000) <= 6000)
    t.equal(after(300, 3_600_000).run.crashes, 1)
  },
)
