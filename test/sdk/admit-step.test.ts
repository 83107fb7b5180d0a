import t from 'tap'
import { stepMessageExample } from '../../schemas/step-message.ts'
import { admitStep, RecentDurations, type Taken } from '../../services/sdk/admit-step.ts'

const NOW_MS = 1_800_000_000_000
const { expiresAtMs: _, deadlineAtMs: __, ...plain } = stepMessageExample

const at = (passedMs: number, suspectedMs = passedMs) => ({
  passedMs: () => passedMs,
  suspectedMs: () => suspectedMs,
})
const taken = (about: Partial<Taken> & { step?: Taken['step'] }): Taken => ({
  step: plain,
  deliveries: 1,
  isRepeated: false,
  storedAtMs: NOW_MS - 10,
  brokerTime: at(NOW_MS),
  usualMs: undefined,
  ...about,
})

t.test('what is fresh runs, and nobody is asked', async (t) => {
  t.strictSame(admitStep(taken({})), { kind: 'run' })
  t.strictSame(admitStep(taken({ storedAtMs: NOW_MS - 5000 })), { kind: 'run' })
})

t.test('what has a result already is asked about, and disturbs nobody', async (t) => {
  t.strictSame(admitStep(taken({ isRepeated: true, deliveries: 3 })), { kind: 'ask', alone: false })
})

t.test('what comes again, what is suspect and what waited for long is asked about', async (t) => {
  t.strictSame(admitStep(taken({ deliveries: 2 })), { kind: 'ask', alone: true })
  t.strictSame(admitStep(taken({ step: { ...plain, alone: true } })), { kind: 'ask', alone: true })
  t.strictSame(admitStep(taken({ storedAtMs: NOW_MS - 5001 })), { kind: 'ask', alone: false })
  const brokerTime = at(NOW_MS - 9000, NOW_MS)
  t.strictSame(
    admitStep(taken({ storedAtMs: NOW_MS - 9000, brokerTime })),
    { kind: 'ask', alone: false },
    'even when only the own clock says so',
  )
})

t.test('what is over is not run, by the clock of the broker alone', async (t) => {
  const step = { ...plain, expiresAtMs: NOW_MS }
  t.match(admitStep(taken({ step, storedAtMs: NOW_MS - 6000 })), {
    kind: 'settle',
    outcome: { kind: 'retry', error: { code: 'QUEUE_TIMEOUT', message: /waited for 6\.0 s/ } },
  })
  t.match(admitStep(taken({ step, deliveries: 3 })), { kind: 'settle' })
  t.match(admitStep(taken({ step, brokerTime: at(NOW_MS - 1, NOW_MS + 3_600_000) })), { kind: 'ask' })
})

t.test('under overload, what can not be done in time gives way', async (t) => {
  const step = { ...plain, deadlineAtMs: NOW_MS + 2000 }
  const waited = { step, storedAtMs: NOW_MS - 1500 }
  t.match(admitStep(taken({ ...waited, usualMs: 3000 })), {
    kind: 'settle',
    outcome: {
      kind: 'fail',
      error: { code: 'QUEUE_TIMEOUT', message: /2\.0 s are left .* usually takes 3\.0 s/ },
    },
  })
  t.strictSame(admitStep(taken({ ...waited, usualMs: 1500 })), { kind: 'run' }, 'there is time')
  t.strictSame(admitStep(taken({ ...waited, usualMs: undefined })), { kind: 'run' }, 'too little is known')
  t.strictSame(admitStep(taken({ step, usualMs: 3000 })), { kind: 'run' }, 'it did not wait')
})

t.test('the usual time of a run is known after eight, and follows the last ones', async (t) => {
  const durations = new RecentDurations()
  for (let i = 0; i < 7; i++) durations.add(100)
  t.equal(durations.medianMs, undefined)
  durations.add(100)
  t.equal(durations.medianMs, 100)
  for (let i = 0; i < 20; i++) durations.add(900)
  t.equal(durations.medianMs, 900)
})
