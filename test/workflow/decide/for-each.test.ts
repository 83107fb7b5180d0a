import t from 'tap'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { buildStepMessage, isItemStored } from '#workflow/decide/build-step-message.ts'
import { unresolvedCommands } from '#workflow/decide/commands.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { Story, T0 } from '../../support/story.ts'

const STORED = {
  $json: { blob: 'outputs/list.json', size: 9, sha256: 'a'.repeat(64), contentType: 'application/json' },
}
const list = (items: JsonValue, about: Partial<Step> = {}, ofList: Partial<Step['forEach']> = {}): Plan => ({
  steps: [
    {
      id: 'each',
      agent: 'x',
      input: { n: { $from: 'item.n' }, at: { $from: 'index' }, all: { $from: 'input.all' } },
      forEach: { items, concurrency: 2, ...ofList },
      ...about,
    },
  ],
})
const numbers = (count: number): JsonValue => Array.from({ length: count }, (_, n) => ({ n }))
const inputOf = (story: Story, runId: string, item?: JsonValue) =>
  buildStepMessage(story.state!, runId, 1, () => 'r', { item })?.input

t.test('items run in order, so many at a time, and their outputs are kept beside the state', async (t) => {
  const story = new Story().accept({ plan: list(numbers(3)), input: { all: true } })
  t.strictSame([story.dispatched, story.announced], [['each.0:1', 'each.1:1'], ['accepted']])
  t.match(story.state?.steps.each, { status: 'running', attempt: 0, items: { total: 3, next: 2 } })
  t.strictSame(inputOf(story, 'each.1'), { n: 1, at: 1, all: true })
  t.equal(buildStepMessage(story.state!, 'each.1', 1, () => 'r')?.inlineOutputBytes, 2048)
  t.equal(isItemStored(story.state!, 'each.1'), false)

  story.done(1, 'each.1', 'b')
  t.strictSame([story.dispatched, story.announced], [['each.2:1'], ['progress']])
  story.done(2, 'each.1', 'again')
  t.strictSame(story.late, ['superseded-attempt'], 'once')
  story.done(3, 'each.2', 'c')
  t.strictSame(story.dispatched, [])
  story.done(4, 'each.0', 'a')
  t.strictSame(story.begun, ['Evaluate each.outputs:1'])
  t.strictSame(story.kept, new Map([1, 2, 0].map((n) => [`each.${n}`, { output: 'abc'[n]! }])))
  t.strictSame(unresolvedCommands(story.state!), [{ kind: 'Evaluate', stepId: 'each.outputs', attempt: 1 }])
  t.match(story.state?.steps.each, { runs: { outputs: { status: 'dispatched' } }, items: { completed: 3 } })

  story.done(5, 'each.outputs', ['a', 'b', 'c'])
  t.strictSame([story.announced, story.dropped, story.kept.size], [['completed'], ['each'], 0])
  t.match(story.state, { status: 'completed', output: { each: ['a', 'b', 'c'] } })
  t.notOk(story.state?.steps.each?.runs)
})

t.test('a list of nothing completes at once, and what needs it goes on', async (t) => {
  const [each] = list([]).steps as [Step]
  const story = new Story().accept({ plan: { steps: [each, { id: 'b', agent: 'x', needs: ['each'] }] } })
  t.strictSame([story.dispatched, story.announced], [['b:1'], ['accepted', 'step-completed']])
  t.match(story.state?.steps.each, { status: 'completed', output: [] })
})

t.test(
  'the first item that fails for good ends the step, and takes the others out of their queues',
  async (t) => {
    const story = new Story().accept({ plan: list(numbers(9)) }).failed(1, 'each.1')
    t.strictSame([story.retracted, story.dropped], [['each.0:1'], ['each']])
    t.match(story.state, {
      status: 'failed',
      error: { code: 'BROKE', message: 'item 1: it broke', stepId: 'each' },
    })
    t.notOk(story.state?.steps.each?.runs)
  },
)

t.test('or its place in the output is its error', async (t) => {
  const plan = list(numbers(3), {}, { onItemFailure: 'continue', concurrency: 3 })
  const story = new Story().accept({ plan }).failed(1, 'each.1').done(2, 'each.0', 0).done(3, 'each.2', 2)
  t.strictSame(story.kept.get('each.1'), { error: { code: 'BROKE', message: 'it broke' } })
  t.match(story.state?.steps.each?.items, { completed: 2, failed: 1 })
  t.match(story.last, [{}, { event: { note: '3 of 3 items, 1 failed', fraction: 1 } }])
})

t.test('an item has attempts, times and a place of its own', async (t) => {
  const retry = { maxAttempts: 2, initialDelayMs: 100 }
  const story = new Story().accept({ plan: list(numbers(2), { retry, timeoutMs: 1000 }) })
  story.result(1, 'each.0', 1, { kind: 'retry', error: { code: 'BUSY', message: 'later' } })
  t.strictSame([story.dispatched, story.announced], [[], []], 'watchers see how far the list is')
  const due = nextDueMs(story.state!)! - T0
  t.ok(due > 80 && due < 125, `${due}`)
  t.strictSame(story.timer(due).dispatched, ['each.0:2'])
  story.started(200, 'each.1', 1)
  t.equal(nextDueMs(story.state!), T0 + 200 + 1000 + 3000)
  story.timer(4200)
  t.strictSame(story.retracted, ['each.1:1'], 'it took too long')
  story.done(4300, 'each.1', 'late')
  t.strictSame(story.late, ['superseded-attempt'])
  story.result(4400, 'each.0', 2, { kind: 'retry', error: { code: 'BUSY', message: 'later' } })
  t.match(story.state?.error, { code: 'BUSY', message: 'item 0: later (attempt 2 of 2)' })
})

t.test(
  'a list in the object store is counted first, and its items are fetched for their messages',
  async (t) => {
    const plan: Plan = {
      steps: [
        { id: 'list', agent: 'y' },
        { ...list({ $from: 'steps.list.output.files' }).steps[0]!, needs: ['list'] },
      ],
    }
    const story = new Story().accept({ plan }).done(1, 'list', STORED as unknown as JsonObject)
    t.strictSame(story.begun, ['Evaluate each.items:1'])
    story.done(2, 'each.items', { total: 5 })
    t.strictSame(story.dispatched, ['each.0:1', 'each.1:1'])
    t.equal(isItemStored(story.state!, 'each.0'), true)
    t.match(inputOf(story, 'each.0', { n: 7 }), { n: 7, at: 0 })
    const failed = new Story().accept({ plan }).done(1, 'list', STORED as unknown as JsonObject)
    failed.failed(2, 'each.items', 1, { code: 'ITEMS_INVALID', message: 'no list' })
    t.match(failed.state?.error, { code: 'ITEMS_INVALID', stepId: 'each' })
  },
)

t.test('what is no list, or too long, fails the step', async (t) => {
  const of = (input: JsonObject) => new Story().accept({ plan: list({ $from: 'input.list' }), input }).state
  t.match(of({ list: 'abc' })?.error, { code: 'ITEMS_INVALID', message: /of type string/ })
  t.match(of({})?.error, { code: 'ITEMS_INVALID', message: /nothing/ })
  const long = Array.from({ length: LIMITS.forEachItems + 1 }, () => 0)
  t.match(of({ list: long })?.error, { code: 'LIMIT_EXCEEDED', message: /10001 items, at most 10000/ })
})

t.test('ten thousand items are few runs at a time, and a hundred events', async (t) => {
  const plan = list({ $from: 'input.list' }, {}, { concurrency: 100 })
  const story = new Story().accept({ plan, input: { list: Array.from({ length: 10_000 }, (_, i) => i) } })
  let told = 0
  let most = 0
  for (let i = 0; i < 10_000; i++) {
    story.done(1 + i, `each.${i}`, i)
    told += story.announced.length
    most = Math.max(most, JSON.stringify(story.state!.steps).length)
  }
  t.equal(story.kept.size, 10_000)
  t.ok(told <= 101, `${told} events`)
  t.ok(most < 20_000, `${most} characters of state`)
  t.strictSame(story.begun, ['Evaluate each.outputs:1'])
})

t.test('outputs of items have the more room the fewer they are', async (t) => {
  const story = new Story().accept({ plan: list(numbers(2)) }).done(1, 'each.0', 'x'.repeat(60_000))
  t.equal(story.state?.status, 'running')
  story.done(2, 'each.1', 'x'.repeat(70_000))
  t.match(story.state?.error, { code: 'OUTPUT_TOO_LARGE', message: /item 1: .* at most 65536/ })
  const input = { list: Array.from({ length: 10_000 }, () => 0) }
  const many = new Story().accept({ plan: list({ $from: 'input.list' }), input })
  many.done(1, 'each.0', 'x'.repeat(5000))
  t.match(many.state?.error, { code: 'OUTPUT_TOO_LARGE', message: /at most 4096/ })
})

t.test('a cancel in the middle takes everything back', async (t) => {
  const story = new Story()
    .accept({ plan: list(numbers(9)) })
    .done(1, 'each.0')
    .cancel(2)
  t.strictSame([story.retracted, story.dropped], [['each.1:1', 'each.2:1'], ['each']])
  t.match(story.state, { status: 'cancelled', steps: { each: { status: 'cancelled' } } })
  t.strictSame(story.done(3, 'each.1').late, ['task-finished'])
})
