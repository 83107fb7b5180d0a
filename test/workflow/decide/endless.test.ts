import fc from 'fast-check'
import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import {
  hasEndlessAttempts,
  hasNoLastAttempt,
  isEndless,
  MAX_ATTEMPTS,
} from '../../../services/workflow/decide/endless.ts'

const AT_MS = 1_790_000_000_000
const ENDLESS_MS = AT_MS + LIMITS.endlessTaskMs

t.test(
  'a task without an end is known as one for half a century, and no task that was asked for is',
  async (t) => {
    t.ok(isEndless(ENDLESS_MS, AT_MS))
    t.ok(isEndless(ENDLESS_MS, AT_MS + LIMITS.endlessTaskMs / 2 - 1))
    t.notOk(isEndless(ENDLESS_MS, AT_MS + LIMITS.endlessTaskMs / 2))
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: LIMITS.taskDeadlineMs }),
        (leftMs) => !isEndless(AT_MS + leftMs, AT_MS),
      ),
    )
  },
)

t.test('an attempt has no end only in such a task, and only with the longest time', async (t) => {
  const times = { deadlineAtMs: ENDLESS_MS, atMs: AT_MS }
  t.ok(hasEndlessAttempts(LIMITS.stepTimeoutMs, times))
  t.notOk(hasEndlessAttempts(LIMITS.stepTimeoutMs - 1, times))
  t.notOk(hasEndlessAttempts(undefined, times), 'a step of its own default has an end')
  const deadlineAtMs = AT_MS + LIMITS.taskDeadlineMs
  t.notOk(hasEndlessAttempts(LIMITS.stepTimeoutMs, { deadlineAtMs, atMs: AT_MS }))
})

t.test('no attempt is the last only in such a task, and only with the most attempts', async (t) => {
  const times = { deadlineAtMs: ENDLESS_MS, atMs: AT_MS }
  t.ok(hasNoLastAttempt({ maxAttempts: MAX_ATTEMPTS }, times))
  t.notOk(hasNoLastAttempt({ maxAttempts: MAX_ATTEMPTS - 1 }, times))
  const deadlineAtMs = AT_MS + LIMITS.taskDeadlineMs
  t.notOk(hasNoLastAttempt({ maxAttempts: MAX_ATTEMPTS }, { deadlineAtMs, atMs: AT_MS }))
})
