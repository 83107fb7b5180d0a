import t from 'tap'
import { ChunkFollower, type ChunkSource, type OnChunks } from '#platform/tasks/chunk-follower.ts'
import type { StepChunks } from '#schemas/step-chunks.ts'
import type { runningTask } from '../../cli/task-fixtures.ts'

const TASK = {
  plan: { steps: [{ id: 'write', agent: 'writer@^2', input: {} }] },
  steps: { write: { status: 'dispatched', attempt: 1 } },
} as unknown as typeof runningTask

const message = (from: number, count: number, about: Partial<StepChunks> = {}): StepChunks => ({
  v: 1,
  taskId: 'task-1',
  stepId: 'write',
  attempt: 1,
  delivery: 1,
  atMs: 1,
  from,
  chunks: Array.from({ length: count }, (_, i) => from + i),
  ...about,
})

function open() {
  let listener: OnChunks = () => undefined
  const asked: { step: unknown; answer: (parts: StepChunks[]) => Promise<void> }[] = []
  let ended = 0
  const source: ChunkSource = {
    onChunks(given) {
      listener = given
      return () => void ended++
    },
    replay: (step) => {
      const { promise, resolve } = Promise.withResolvers<StepChunks[]>()
      const answer = async (parts: StepChunks[]) => {
        resolve(parts)
        await new Promise((settled) => setImmediate(settled))
      }
      asked.push({ step, answer })
      return promise
    },
  }
  let nowMs = 0
  let wakes = 0
  const follower = new ChunkFollower(source, { monotonicMs: () => nowMs }, () => wakes++)
  return {
    follower,
    asked,
    tell: (one: StepChunks, agent = 'writer', bytes = 10) => listener(one, { agent, bytes }),
    told: () =>
      follower.take().map(({ from, chunks, cut, restarts }) => ({ from, n: chunks.length, cut, restarts })),
    later: (ms: number) => {
      nowMs += ms
    },
    wakes: () => wakes,
    ended: () => ended,
  }
}
const NONE = { cut: undefined, restarts: undefined }

t.test('who comes late asks the run that goes on, and is told everything once and in order', async (t) => {
  const { follower, asked, tell, told } = open()
  follower.begin(TASK)
  t.strictSame(
    asked.map(({ step }) => step),
    [{ agent: 'writer', stepId: 'write', attempt: 1 }],
  )
  tell(message(4, 2))
  t.strictSame(told(), [], 'what comes meanwhile waits for what was before it')
  await asked[0]?.answer([message(1, 4)])
  t.strictSame(told(), [
    { from: 1, n: 4, ...NONE },
    { from: 5, n: 1, ...NONE },
  ])
})

t.test('without an answer it is said how much is missing', async (t) => {
  const { follower, asked, tell, told } = open()
  follower.begin(TASK)
  tell(message(4, 2))
  await asked[0]?.answer([])
  t.strictSame(told(), [{ from: 4, n: 2, cut: 3, restarts: undefined }])
})

t.test('while the run is asked so much is held, and what is let go is told as missing', async (t) => {
  const { follower, asked, tell, told } = open()
  follower.begin(TASK)
  for (let i = 1; i <= 100; i++) tell(message(i, 1), 'writer', 50_000)
  await asked[0]?.answer([])
  const items = told()
  t.ok(items.length < 25, `${items.length} messages of 50 kB`)
  t.equal(items[0]?.cut, 100 - items.length)
})

t.test('what got lost on its way is asked for, but not all the time', async (t) => {
  const { asked, tell, told, later } = open()
  tell(message(1, 1))
  tell(message(3, 1))
  t.equal(asked.length, 1)
  await asked[0]?.answer([message(1, 3)])
  tell(message(6, 1))
  t.equal(asked.length, 1)
  later(1000)
  tell(message(9, 1))
  t.equal(asked.length, 2)
  await asked[1]?.answer([])
  t.strictSame(told(), [
    { from: 1, n: 1, ...NONE },
    { from: 2, n: 2, ...NONE },
    { from: 6, n: 1, cut: 2, restarts: undefined },
    { from: 9, n: 1, cut: 2, restarts: undefined },
  ])
})

t.test('a later run starts again', async (t) => {
  const { tell, told } = open()
  tell(message(1, 2))
  tell(message(1, 1, { attempt: 2 }))
  tell(message(3, 1))
  t.strictSame(told(), [
    { from: 1, n: 2, ...NONE },
    { from: 1, n: 1, cut: undefined, restarts: true },
  ])
})

t.test('only the agent of a step speaks for it', async (t) => {
  const { follower, asked, tell, told } = open()
  follower.begin(TASK)
  await asked[0]?.answer([])
  tell(message(1, 1), 'stranger')
  t.strictSame(told(), [])
})

t.test('a watcher who takes nothing holds so much, and is told what was left out', async (t) => {
  const { tell, told } = open()
  for (let i = 1; i <= 100; i++) tell(message(i, 1), 'writer', 50_000)
  tell(message(1, 1, { attempt: 2 }), 'writer', 50_000)
  const items = told()
  t.ok(items.length < 25, `${items.length} messages of 50 kB`)
  t.equal(
    items.reduce((sum, { n, cut = 0 }) => sum + n + cut, 0),
    101,
  )
  t.equal(items.at(-1)?.restarts, true)
})

t.test('a step that is overrun by another is told to be cut, too', async (t) => {
  const { tell, follower } = open()
  tell(message(1, 3))
  for (let i = 1; i <= 30; i++) tell(message(i, 1, { stepId: 'loud' }), 'loud', 50_000)
  const quiet = follower.take().filter(({ stepId }) => stepId === 'write')
  t.match(quiet, [{ from: 4, chunks: [], cut: 3 }])
})

t.test('after its end nothing is told', async (t) => {
  const { follower, asked, wakes, ended } = open()
  follower.begin(TASK)
  follower.end()
  await asked[0]?.answer([message(1, 1)])
  t.strictSame([wakes(), ended(), follower.isReady], [0, 1, false])
})
