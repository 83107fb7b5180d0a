import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { ErrorCode } from '#schemas/problem.ts'
import { type Admission, type AdmitContext, admit } from '../../../services/orchestrator/intake/admit.ts'
import { MurmurError } from '../../../services/platform/errors/murmur-error.ts'

const CONTEXT: AdmitContext = {
  tenant: 'default',
  fallbackIdentity: 'once-1',
  isKnownAgent: async (agent) => agent === 'x' || agent === 'ingest',
}
const STEP = { id: 'a', agent: 'x' }

const bytesOf = (body: JsonValue | string) =>
  Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
const submit = (body: JsonValue | string, about: Partial<AdmitContext> = {}): Promise<Admission> =>
  admit(bytesOf(body), { ...CONTEXT, ...about })
const plan = (...steps: JsonValue[]): JsonValue => ({ type: 'plan', plan: { steps } })

async function refusal(
  body: JsonValue | string,
  about: Partial<AdmitContext> = {},
): Promise<MurmurError | undefined> {
  return submit(body, about).then(
    () => undefined,
    (error: unknown) => (error instanceof MurmurError ? error : Promise.reject(error)),
  )
}

t.test('every bad submission is refused with its code and a sentence that says what to change', async (t) => {
  const deep = (levels: number) => `{"type":"plan","input":${'['.repeat(levels)}${']'.repeat(levels)}}`
  const cases: [what: string, body: JsonValue | string, code: ErrorCode, says: RegExp][] = [
    ['nothing', '', 'MALFORMED_JSON', /empty/],
    ['half of it', '{"type": "plan", ', 'MALFORMED_JSON', /not JSON/],
    ['a word', 'hello', 'MALFORMED_JSON', /not JSON/],
    ['10,000 levels', deep(10_000), 'JSON_TOO_DEEP', /64 levels/],
    ['10,000 levels never closed', '['.repeat(10_000), 'JSON_TOO_DEEP', /64 levels/],
    ['65 levels', deep(64), 'JSON_TOO_DEEP', /64 levels/],
    [
      '2 MB',
      JSON.stringify({ type: 'plan', input: { x: 'x'.repeat(2_000_000) } }),
      'PAYLOAD_TOO_LARGE',
      /262144/,
    ],
    ['a list', [], 'INVALID_SUBMISSION', /\(body\)/],
    ['null', null, 'INVALID_SUBMISSION', /\(body\)/],
    ['no type', { plan: { steps: [STEP] } }, 'INVALID_SUBMISSION', /names no type/],
    ['an unknown type', { type: 'poem' }, 'UNKNOWN_TASK_TYPE', /"poem".*plan, report/],
    ['an unknown field', { type: 'plan', plan: { steps: [STEP] }, color: 1 }, 'INVALID_SUBMISSION', /color/],
    ['a type that is no token', { type: 'a.b' }, 'INVALID_SUBMISSION', /type .*no dots/],
    ['no plan', { type: 'plan' }, 'INVALID_SUBMISSION', /needs a plan/],
    [
      'a plan of its own for a report',
      { type: 'report', plan: { steps: [STEP] } },
      'INVALID_SUBMISSION',
      /own plan/,
    ],
    ['a report without sources', { type: 'report', input: {} }, 'INVALID_SUBMISSION', /does not suit/],
    ['no steps', plan(), 'INVALID_SUBMISSION', /plan\.steps/],
    ['an unknown agent', plan({ id: 'a', agent: 'nobody' }), 'UNKNOWN_AGENT', /"nobody"/],
    ...['*', '>', 'a b', 'a.b', '', 'a>', 'ä', 'x'.repeat(65), 'a\n'].map(
      (id): [string, JsonValue, ErrorCode, RegExp] => [
        `step id ${JSON.stringify(id)}`,
        plan({ id, agent: 'x' }),
        'INVALID_SUBMISSION',
        /plan\.steps\.0\.id .*1 to 64 characters/,
      ],
    ),
    [
      'an agent with a wildcard',
      plan({ id: 'a', agent: '>' }),
      'INVALID_SUBMISSION',
      /plan\.steps\.0\.agent/,
    ],
    ['a step called __proto__', plan({ id: '__proto__', agent: 'x' }), 'INVALID_SUBMISSION', /__proto__/],
    ['a negative timeout', plan({ ...STEP, timeoutMs: -1 }), 'INVALID_SUBMISSION', /steps\.0\.timeoutMs/],
    ['a timeout of nothing', plan({ ...STEP, timeoutMs: 0 }), 'INVALID_SUBMISSION', /timeoutMs/],
    ['half a millisecond', plan({ ...STEP, timeoutMs: 1.5 }), 'INVALID_SUBMISSION', /timeoutMs/],
    [
      'a negative deadline',
      { type: 'plan', plan: { steps: [STEP] }, deadlineMs: -5 },
      'INVALID_SUBMISSION',
      /deadlineMs/,
    ],
    [
      'a negative delay',
      { type: 'plan', plan: { steps: [STEP] }, delayMs: -5 },
      'INVALID_SUBMISSION',
      /delayMs/,
    ],
    ['no attempts', plan({ ...STEP, retry: { maxAttempts: 0 } }), 'INVALID_SUBMISSION', /maxAttempts/],
    ['a step twice', plan(STEP, STEP), 'PLAN_DUPLICATE_STEP', /"a"/],
    ['a step that needs itself', plan({ ...STEP, needs: ['a'] }), 'PLAN_CYCLE', /needs itself/],
    [
      'a cycle',
      plan({ ...STEP, needs: ['b'] }, { id: 'b', agent: 'x', needs: ['a'] }),
      'PLAN_CYCLE',
      /a → b → a|b → a → b/,
    ],
    ['a need that is no step', plan({ ...STEP, needs: ['z'] }), 'PLAN_UNKNOWN_DEPENDENCY', /"z"/],
    [
      'a reference to what is not needed',
      plan(STEP, { id: 'b', agent: 'x', input: { $from: 'steps.a.output' } }),
      'PLAN_BAD_REFERENCE',
      /does not need step "a"/,
    ],
    [
      'a reference without a meaning',
      plan({ ...STEP, input: { $from: 'somewhere' } }),
      'PLAN_BAD_REFERENCE',
      /no meaning/,
    ],
    [
      '2^53 + 1',
      '{"type":"plan","input":{"x":9007199254740993}}',
      'MALFORMED_JSON',
      /9007199254740993 at byte/,
    ],
    ['1e999', '{"type":"plan","input":{"x":1e999}}', 'MALFORMED_JSON', /1e999 at byte/],
    [
      'a large input, thousands of times',
      {
        type: 'plan',
        input: { x: 'x'.repeat(150_000) },
        plan: { steps: [{ ...STEP, input: Array.from({ length: 4200 }, () => ({ $from: 'input.x' })) }] },
      },
      'EXPANSION_TOO_LARGE',
      /step "a"/,
    ],
    [
      'too many steps',
      plan(...Array.from({ length: 257 }, (_, i) => ({ id: `s${i}`, agent: 'x' }))),
      'PLAN_TOO_LARGE',
      /257 steps/,
    ],
    [
      '17 labels',
      {
        type: 'plan',
        plan: { steps: [STEP] },
        labels: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`l${i}`, ''])),
      },
      'INVALID_SUBMISSION',
      /labels/,
    ],
  ]
  for (const [what, body, code, says] of cases) {
    const error = await refusal(body)
    t.equal(error?.code, code, what)
    t.match(error?.message, says, `${what}: ${error?.message.slice(0, 120)}`)
    t.ok(error && error.toProblem().fix.length > 10, `${what}: and how to mend it`)
    t.ok(
      error && error.toProblem().status >= 400 && error.toProblem().status < 500,
      'it is the client’s fault',
    )
  }
  const notUtf8 = await admit(Uint8Array.of(0x22, 0xff, 0x22), CONTEXT).catch((error: unknown) => error)
  t.match(notUtf8, { code: 'MALFORMED_JSON', message: /UTF-8/ })
})

t.test('at the limits it is still taken', async (t) => {
  const input = `{"type":"plan","plan":{"steps":[{"id":"a","agent":"x"}]},"input":{"x":`
  const levels = `${input}${'['.repeat(62)}${']'.repeat(62)}}}`
  t.ok(await submit(levels), '64 levels')
  const padding = 'x'.repeat(LIMITS.submissionBytes - input.length - 4)
  const full = `${input}"${padding}"}}`
  t.equal(full.length, LIMITS.submissionBytes)
  t.ok(await submit(full))
  t.match(await refusal(`${full} `), { code: 'PAYLOAD_TOO_LARGE' })
  t.ok(
    await submit('{"type":"plan","plan":{"steps":[{"id":"a","agent":"x"}]},"input":{"x":"[[[\\"{{"}}'),
    'brackets in text',
  )
})

t.test('the type comes from the subject, the body, or both when they agree', async (t) => {
  const { type: _, ...untyped } = plan(STEP) as { [key: string]: JsonValue }
  t.equal((await submit(untyped, { type: 'plan' })).accepted.type, 'plan')
  t.equal((await submit(plan(STEP), { type: 'plan' })).accepted.type, 'plan')
  t.match(await refusal(plan(STEP), { type: 'report' }), {
    code: 'INVALID_SUBMISSION',
    message: /"report".*"plan"/,
  })
})

t.test('which task a submission makes', async (t) => {
  const id = async (body: JsonValue, about: Partial<AdmitContext> = {}) =>
    (await submit(body, about)).accepted.taskId
  const keyed = { ...(plan(STEP) as object), idempotencyKey: 'k' } as JsonValue
  t.match(await id(keyed), /^t[A-Za-z0-9_-]{22}$/)
  t.equal(await id(keyed), await id(keyed, { fallbackIdentity: 'other' }), 'the key names it')
  t.equal(
    await id(keyed),
    await id(plan(STEP), { idempotencyKey: 'k' }),
    'also when it came with the transport',
  )
  t.not(await id(keyed), await id(keyed, { tenant: 'other' }), 'tenants never share one')
  t.not(await id(plan(STEP)), await id(plan(STEP), { fallbackIdentity: 'once-2' }))
  t.not(await id(plan(STEP), { fallbackIdentity: 'k' }), await id(keyed), 'a key is no identity of a message')
})

t.test('the same body has the same hash, however it is written', async (t) => {
  const hash = async (text: string) => (await submit(text)).accepted.bodyHash
  const steps = '"plan":{"steps":[{"id":"a","agent":"x"}]}'
  const one = await hash(`{"type":"plan","idempotencyKey":"k",${steps},"input":{"a":1,"b":[1,2]}}`)
  t.equal(await hash(`{"input":{"b":[1,2],"a":1},${steps},"idempotencyKey":"k","type":"plan"}`), one)
  t.not(await hash(`{"type":"plan","idempotencyKey":"k",${steps},"input":{"a":1,"b":[2,1]}}`), one)
  t.equal((await submit(`{"type":"plan",${steps}}`)).hasKey, false)
})

t.test(
  'no other body has the same hash, and hashes of the first version are compared in their way',
  async (t) => {
    const submitted = (x: JsonValue) =>
      submit({ ...(plan(STEP) as object), idempotencyKey: 'k', input: { x } } as JsonValue)
    const pairs: [a: JsonValue, b: JsonValue][] = [
      [{ a: 1 }, [['a', 1]]],
      [{}, []],
      [{ a: { b: 1 } }, { a: [['b', 1]] }],
      ['1', 1],
      [null, 'null'],
    ]
    for (const [a, b] of pairs) {
      const [first, second] = [await submitted(a), await submitted(b)]
      t.not(first.accepted.bodyHash, second.accepted.bodyHash, JSON.stringify(a))
      t.notOk(second.isSameBody(first.accepted.bodyHash))
      t.ok(first.isSameBody(first.accepted.bodyHash))
    }
    // As the first version stored it.
    const earlier = '216c58df79d119fb95827e11466a957ee438594d2539f3ec78aa4f91c9094d5c'
    t.ok((await submitted({ a: 1 })).isSameBody(earlier))
    t.notOk((await submitted({ a: 2 })).isSameBody(earlier))
  },
)

t.test('what is silent gets the defaults', async (t) => {
  t.match((await submit(plan(STEP))).accepted, { priority: 2, deadlineMs: 900_000, delayMs: 0, input: {} })
  const delayed = await submit({ ...(plan(STEP) as object), delayMs: 5000 } as JsonValue)
  t.match(
    delayed.accepted,
    { deadlineMs: 905_000, delayMs: 5000 },
    'the delay does not count against the deadline',
  )
})

t.test(
  'a monitor of a camera has the key of that camera; recordings, children and clients with a key of their own do not',
  async (t) => {
    const isKnownAgent = async () => true
    const url = (more: object = {}) => ({
      source: { kind: 'url', url: 'rtsp://cam.lan/a' },
      camera: 'yard',
      ...more,
    })
    const monitor = (input: object, more: object = {}, about: Partial<AdmitContext> = {}) =>
      submit({ type: 'monitor', input, ...more } as never, { isKnownAgent, ...about })
    const live = await monitor(url())
    t.match(live.singleton, { key: 'murmur.camera/yard', onConflict: 'reject' })
    t.equal(live.accepted.singletonKey, 'murmur.camera/yard')
    t.equal(live.accepted.deadlineMs, LIMITS.endlessTaskMs)
    t.equal((await monitor(url({ durationMs: 1000 }))).accepted.deadlineMs, 601_000)
    t.equal((await monitor(url(), { deadlineMs: 5000 })).accepted.deadlineMs, 5000)
    t.equal((await monitor(url({ pace: 'complete' }))).singleton, undefined)
    t.equal(
      (await monitor({ source: { kind: 'scene', scenario: 'yard' }, camera: 'yard' })).singleton,
      undefined,
    )
    t.match((await monitor(url(), { singleton: { key: 'mine' } })).singleton, { key: 'mine' })
    const parent = { taskId: 'p', stepId: 's', attempt: 1, depth: 1 }
    t.equal((await monitor(url(), {}, { origin: { parent } })).singleton, undefined)
  },
)
