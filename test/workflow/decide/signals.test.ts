import t from 'tap'
import type { Step } from '#schemas/plan.ts'
import { SEEN_SIGNALS, signalRefusal, waitingLongest } from '#workflow/decide/signals.ts'
import { Story, T0 } from '../../support/story.ts'

const wait = (id: string, signal: string, needs?: string[]): Step => ({
  id,
  waitFor: { signal },
  ...(needs && { needs }),
})
const storyOf = (...steps: Step[]) => new Story().accept({ plan: { steps } })
const outputs = ({ state }: Story) =>
  Object.fromEntries(
    Object.entries(state!.steps).flatMap(([id, { status, output }]) =>
      status === 'completed' ? [[id, (output as { id?: string } | null)?.id ?? null]] : [],
    ),
  )

t.test('a signal completes the step that waits for it', async (t) => {
  const story = storyOf(wait('a', 'paid'), { id: 'b', agent: 'x', needs: ['a'] })
  story.signal(5, 'other', 's0').signal(6, 'paid', 's1', { n: 1 })
  t.strictSame(story.state!.steps.a!.output, { id: 's1', payload: { n: 1 }, atMs: T0 + 6 })
  t.strictSame([story.dispatched, story.announced], [['b:1'], ['step-completed']])
  t.match(story.state!.signals, [{ name: 'other', id: 's0' }], 'one of another name is kept')
})

t.test('signals that come before anybody waits are kept, and delivered once, the oldest first', async (t) => {
  const story = storyOf(
    { id: 'first', agent: 'x' },
    wait('a', 'paid', ['first']),
    wait('b', 'paid', ['a']),
    wait('c', 'paid', ['b']),
  )
  story.signal(1, 'paid', 's1', 'one')
  t.strictSame([story.announced, story.dispatched], [['progress'], []])
  t.equal(story.state!.rev, 2)
  story.signal(2, 'paid', 's2')
  t.strictSame(
    story.state!.signals,
    [
      { name: 'paid', id: 's1', payload: 'one', atMs: T0 + 1 },
      { name: 'paid', id: 's2', atMs: T0 + 2 },
    ],
    'with the time at which they came',
  )
  story.done(9, 'first')
  t.strictSame(outputs(story), { first: null, a: 's1', b: 's2' })
  t.strictSame(story.state!.steps.a!.output, { id: 's1', payload: 'one', atMs: T0 + 1 })
  t.match(story.state!.steps.c, { status: 'awaiting-signal' })
  t.equal(story.state!.signals, undefined)
  t.match(story.signal(10, 'paid', 's3').state, { status: 'completed' })
})

t.test('of two that wait for the same name, the one that waits longer is first', async (t) => {
  const story = storyOf(
    { id: 'slow', agent: 'x' },
    wait('late', 'go', ['slow']),
    wait('early', 'go'),
    wait('equal', 'go'),
  )
  story.done(5, 'slow')
  t.equal(
    waitingLongest(story.state!, 'go')!.id,
    'early',
    'of those that wait equally long, the first of the plan',
  )
  t.equal(waitingLongest(story.state!, 'stop'), undefined)
  story.signal(6, 'go', 's1')
  t.strictSame(outputs(story), { slow: null, early: 's1' })
  story.signal(7, 'go', 's2')
  t.strictSame(outputs(story), { slow: null, early: 's1', equal: 's2' })
  t.match(story.signal(8, 'go', 's3').state, { status: 'completed' })
})

t.test('one signal that comes twice is one signal', async (t) => {
  const story = storyOf(wait('a', 'go'), wait('b', 'go'))
  story.signal(1, 'go', 's1')
  t.strictSame(story.signal(2, 'go', 's1').late, ['duplicate-signal'], 'delivered before')
  t.strictSame(story.signal(3, 'other', 's1').late, ['duplicate-signal'], 'under any name')
  story.signal(4, 'other', 's2')
  t.strictSame(story.signal(5, 'go', 's2').late, ['duplicate-signal'], 'kept before')
  t.strictSame(outputs(story), { a: 's1' })
})

t.test('ids are remembered over many others', async (t) => {
  const steps = Array.from({ length: 250 }, (_, i) => wait(`w${i}`, 'go'))
  const story = storyOf(...steps, wait('end', 'end'))
  for (let i = 0; i < 200; i++) story.signal(i, 'go', `s${i}`)
  t.strictSame(story.signal(300, 'go', 's0').late, ['duplicate-signal'], 'after 200 others')
  // Kept all the while, it is known for as long as it is kept.
  story.signal(301, 'kept', 'k1')
  for (let i = 200; i < 250; i++) story.signal(i + 200, 'go', `s${i}`)
  for (let i = 0; i < 63; i++) story.signal(500 + i, 'kept', `more${i}`)
  t.equal(story.state!.seenSignals!.length, SEEN_SIGNALS)
  t.strictSame(story.signal(600, 'kept', 'k1').late, ['duplicate-signal'])
  t.strictSame(
    story.signal(601, 'kept', 's0').late,
    ['signal-buffer-full'],
    'forgotten: it would be a new one',
  )
})

t.test('what is kept is bounded by number and bytes; whoever sends can be told', async (t) => {
  const story = storyOf(wait('a', 'go'))
  for (let i = 0; i < 64; i++) t.strictSame(story.signal(i, 'other', `s${i}`).late, [], `${i}`)
  const { state } = story
  t.equal(signalRefusal(state!, { name: 'other', id: 'x' }), 'signal-buffer-full')
  t.strictSame(story.signal(100, 'other', 'x').late, ['signal-buffer-full'])
  t.equal(story.state, state)
  t.equal(signalRefusal(state!, { name: 'go', id: 'x' }), undefined, 'one that is waited for needs no room')
  t.match(story.signal(101, 'go', 'x').state, { status: 'completed' }, 'and was not taken for the one before')

  const large = storyOf(wait('a', 'go')).signal(1, 'other', 's1', 'x'.repeat(40_000))
  t.strictSame(large.signal(2, 'other', 's2', 'x'.repeat(40_000)).late, ['signal-buffer-full'])
  t.strictSame(large.signal(3, 'other', 's2', 'x'.repeat(20_000)).late, [], 'a smaller one still fits')
})

t.test('a signal beside the end of the task', async (t) => {
  const story = storyOf(wait('a', 'go')).signal(4, 'other', 's0').cancel(5).signal(5, 'go', 's1')
  t.strictSame(story.late, ['task-finished'])
  t.match(story.state, { status: 'cancelled', signals: undefined, seenSignals: undefined })
  const first = storyOf(wait('a', 'go')).signal(5, 'go', 's1').cancel(5)
  t.match(first.state, { status: 'completed' })
  t.strictSame(first.late, ['task-finished'])
  const undone = storyOf({ id: 'pay', agent: 'x', compensate: { agent: 'x' } }, wait('a', 'go'))
  undone.done(1, 'pay').cancel(2)
  t.equal(undone.state!.status, 'compensating')
  t.equal(signalRefusal(undone.state!, { name: 'go', id: 's1' }), 'compensating')
  t.strictSame(undone.signal(3, 'go', 's1').late, ['compensating'])
  t.strictSame(new Story().signal(1, 'go', 's1').late, ['unknown-task'])
})

t.test('a task that has not begun keeps signals, too', async (t) => {
  const story = new Story().accept({ plan: { steps: [wait('a', 'go')] }, delayMs: 1000 })
  t.match(story.signal(5, 'go', 's1').state, { status: 'scheduled', signals: [{ id: 's1' }] })
  t.match(story.timer(1000).state, { status: 'completed', output: { a: { id: 's1', atMs: T0 + 5 } } })
})
