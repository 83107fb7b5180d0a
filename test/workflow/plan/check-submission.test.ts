import t from 'tap'
import { parseSubmission, submissionTimes } from '#workflow/plan/check-submission.ts'

const parse = (text: string) => parseSubmission(Buffer.from(text))

t.test('a submission from its bytes; what is none says where', async (t) => {
  t.strictSame(parse('{"type":"plan","delayMs":5}'), { type: 'plan', delayMs: 5 })
  t.throws(() => parse('{"type":'), { code: 'MALFORMED_JSON' })
  t.throws(() => parse('{"delayMs":-1}'), {
    code: 'INVALID_SUBMISSION',
    message: /delayMs/,
    issues: [{ path: 'delayMs' }],
  })
  t.throws(() => parse(`{"input":{"a":"${'x'.repeat(300_000)}"}}`), { code: 'PAYLOAD_TOO_LARGE' })
})

t.test('its times: a delay is added to the default deadline, and must be below a given one', async (t) => {
  t.strictSame(submissionTimes({ delayMs: 5 }, 100), { deadlineMs: 105, delayMs: 5 })
  t.strictSame(submissionTimes({ deadlineMs: 50 }, 100), { deadlineMs: 50, delayMs: 0 })
  t.throws(() => submissionTimes({ deadlineMs: 50, delayMs: 50 }, 100), { code: 'INVALID_SUBMISSION' })
})
