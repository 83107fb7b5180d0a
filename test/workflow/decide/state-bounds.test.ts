import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import { buildStepMessage } from '#workflow/decide/build-step-message.ts'
import { Story } from '../../support/story.ts'

const ONE: Plan = { steps: [{ id: 'a', agent: 'x' }] }

t.test('the messages of errors and the outputs of all steps together are bounded', async (t) => {
  const steps = Array.from({ length: 64 }, (_, i) => ({
    id: `s${i}`,
    agent: 'x',
    onFailure: 'continue' as const,
  }))
  const long = new Story().accept({ plan: { steps } })
  for (const { id } of steps.slice(0, 60))
    long.result(1, id, 1, {
      kind: 'fail',
      error: { code: 'BROKE', message: '\u{1f426}'.repeat(2000), stepId: 'x'.repeat(9999) },
    })
  const size = JSON.stringify(long.state!.steps).length
  t.ok(size < 80 * 1024, `${size} characters`)
  t.ok(long.state!.steps.s0!.error!.message.isWellFormed())
  t.equal(buildStepMessage(long.state!, 's63', 1, () => 'r')?.inlineOutputBytes, 3072, '192 KiB in 64 parts')
  t.equal(
    buildStepMessage(new Story().accept({ plan: ONE }).state!, 'a', 1, () => 'r')?.inlineOutputBytes,
    16_384,
  )

  const foreign = new Story().accept({ plan: { steps } })
  for (const { id } of steps) foreign.result(1, id, 1, { kind: 'done', output: 'o'.repeat(16_000) })
  const codes = Object.values(foreign.state!.steps).map((step) => step.error?.code ?? step.status)
  t.equal(codes.filter((code) => code === 'completed').length, 16, '16 of 16,002 bytes are within 256 KiB')
  t.equal(codes.filter((code) => code === 'OUTPUT_TOO_LARGE').length, 48)
  t.ok(JSON.stringify(foreign.state!.steps).length < 300 * 1024)
  t.match(foreign.state!.steps.s63?.error?.message, /272034 bytes together, at most 262144/)
})
