import t from 'tap'
import { composeSubmission } from '../../../services/cli/submission/read-submission.ts'
import { testContext } from '../cli-context-fixture.ts'

const PLAN = { steps: [{ id: 'a', agent: 'echo' }] }

t.test('a bare plan becomes a submission; a submission stays one', async (t) => {
  const folder = t.testdir({
    'plan.json': JSON.stringify(PLAN),
    'task.json': JSON.stringify({ type: 'report', input: {}, steps: [] }),
  })
  const context = testContext({ folder })
  t.strictSame(await composeSubmission(context, 'plan.json', {}), { type: 'plan', plan: PLAN })
  t.strictSame(await composeSubmission(context, 'task.json', {}), { type: 'report', input: {}, steps: [] })
})

t.test('options stand above the file; labels are put together', async (t) => {
  const file = { type: 'plan', plan: PLAN, labels: { team: 'north', kind: 'x' }, priority: 2 }
  const context = testContext({ folder: t.testdir({ 'task.json': JSON.stringify(file) }) })
  const options = { label: { kind: 'y' }, priority: 0, key: 'k', deadline: 5000, delay: 10 } as const
  t.strictSame(await composeSubmission(context, 'task.json', options), {
    type: 'plan',
    plan: PLAN,
    labels: { team: 'north', kind: 'y' },
    priority: 0,
    idempotencyKey: 'k',
    deadlineMs: 5000,
    delayMs: 10,
  })
})

t.test('options of keys stand above those of the file, and need a key', async (t) => {
  const file = { type: 'plan', plan: PLAN, singleton: { key: 'a', onConflict: 'reject' } }
  const context = testContext({ folder: t.testdir({ 'task.json': JSON.stringify(file) }) })
  const compose = (options: object) => composeSubmission(context, 'task.json', options)
  t.match(await compose({ onConflict: 'replace' }), { singleton: { key: 'a', onConflict: 'replace' } })
  t.match(await compose({ singleton: 'b' }), { singleton: { key: 'b', onConflict: 'reject' } })
  t.match(await compose({ debounce: 'd', debounceDelay: 500, debounceMax: 2000 }), {
    debounce: { key: 'd', delayMs: 500, maxDelayMs: 2000 },
  })
  await t.rejects(compose({ debounceDelay: 500 }), { code: 'USAGE', message: /need --debounce/ })
  const typed = { type: 'report', onConflict: 'replace' } as const
  await t.rejects(composeSubmission(testContext(), undefined, typed), { message: /needs --singleton/ })
})

t.test('a type and its input need no file', async (t) => {
  const input = '{"sources": []}'
  t.strictSame(await composeSubmission(testContext(), undefined, { type: 'report', input }), {
    type: 'report',
    input: { sources: [] },
  })
})

t.test('what cannot be read or is no object is told by its name', async (t) => {
  const context = testContext({ folder: t.testdir({ 'list.json': '[]', 'torn.json': '{"a":' }) })
  await t.rejects(composeSubmission(context, undefined, {}), {
    code: 'USAGE',
    message: /name a file, a type with --type or a template/,
  })
  await t.rejects(composeSubmission(context, 'list.json', {}), {
    code: 'USAGE',
    message: /list\.json: it is not a JSON object/,
  })
  await t.rejects(composeSubmission(context, 'torn.json', {}), {
    code: 'USAGE',
    message: /torn\.json: it is not JSON/,
  })
  await t.rejects(composeSubmission(context, 'gone.json', {}), { code: 'FILE_UNREADABLE', exitCode: 2 })
  await t.rejects(composeSubmission(context, undefined, { type: 'x', input: '{' }), { message: /^--input: / })
})
