import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { ErrorCode } from '#schemas/problem.ts'
import { backoffMs, createSourcePatience } from '../../../../services/agents/video/capture/source-patience.ts'

const fault = (code: ErrorCode) => new MurmurError(code, 'why')
const patienceOf = (isRecording = false) =>
  createSourcePatience({ isRecording, firstConnectMs: 30_000 }, () => 1)

t.test('a camera that is away is waited for without an end, and called every second', async (t) => {
  const patience = patienceOf()
  let nowMs = 0
  for (let day = 0; day < 3; day++)
    for (let attempt = 0; attempt < 1000; attempt++) {
      const verdict = patience.failed(fault('SOURCE_UNAVAILABLE'), nowMs)
      if (verdict.kind !== 'wait') return t.fail('given up')
      if (verdict.ms > 1000) return t.fail(`${verdict.ms} ms`)
      nowMs += 86_400
    }
  t.equal(backoffMs(0, 1), 500)
  t.equal(backoffMs(0, 0), 250)
  t.equal(backoffMs(500, 1), 1000)
})

t.test('what trying again can not mend is given up at once', async (t) => {
  for (const code of ['ADDRESS_FORBIDDEN', 'LIMIT_EXCEEDED'] as const)
    t.match(patienceOf().failed(fault(code), 0), { kind: 'give-up', isTimeUp: false })
})

t.test('a refused user and what is no video: believed when it is said for half a minute', async (t) => {
  for (const code of ['CREDENTIALS_REFUSED', 'UNSUPPORTED_FORMAT'] as const) {
    const patience = patienceOf()
    t.match(patience.failed(fault(code), 0), { kind: 'wait' })
    t.match(patience.failed(fault(code), 10_000), { kind: 'wait' })
    t.match(patience.failed(fault('SOURCE_UNAVAILABLE'), 15_000), { kind: 'wait' }, 'it starts again')
    t.match(patience.failed(fault(code), 20_000), { kind: 'wait' })
    t.match(patience.failed(fault(code), 40_000), { kind: 'wait' })
    t.match(patience.failed(fault(code), 50_000), { kind: 'give-up' })
  }
})

t.test(
  'one that was there is never given up; one that refuses is asked rarely, as it locks out who asks too often',
  async (t) => {
    const patience = patienceOf()
    patience.opened()
    for (let i = 0; i < 100; i++)
      t.match(patience.failed(fault('CREDENTIALS_REFUSED'), i * 60_000), { kind: 'wait', ms: 60_000 })
    t.match(patience.failed(fault('ADDRESS_FORBIDDEN'), 0), { kind: 'wait' })
  },
)

t.test('a recording is there within half a minute, or the request is wrong', async (t) => {
  const patience = patienceOf(true)
  t.match(patience.failed(fault('SOURCE_UNAVAILABLE'), 0), { kind: 'wait' })
  t.match(patience.failed(fault('SOURCE_UNAVAILABLE'), 29_500), { kind: 'give-up', isTimeUp: true })
  t.match(patienceOf(true).failed(fault('UNSUPPORTED_FORMAT'), 0), { kind: 'give-up', isTimeUp: false })
})
