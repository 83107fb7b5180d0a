import type { Mutant } from '../mutant.ts'

const EMITTER = 'services/sdk/chunk-emitter.ts'
const ORDER = 'services/platform/tasks/chunk-order.ts'
const FOLLOWER = 'services/platform/tasks/chunk-follower.ts'
const NATS_CHUNKS = 'services/platform/tasks/nats-chunks.ts'
const EMITTER_TESTS = ['test/sdk/chunk-emitter.test.ts'] as const
const ORDER_TESTS = ['test/platform/tasks/chunk-order.test.ts'] as const
const FOLLOWER_TESTS = ['test/platform/tasks/chunk-follower.test.ts'] as const

/** What steps emit: nothing twice, nothing out of order, and nothing missing without a word. */
export const CHUNK_MUTANTS: readonly Mutant[] = [
  {
    name: 'left-out-without-a-number',
    file: EMITTER,
    find: '#leaveOut(why: string): void { this.#last++',
    replace: '#leaveOut(why: string): void {',
    why: 'Watchers take what they got for all there is.',
    tests: EMITTER_TESTS,
  },
  {
    name: 'chunks-kept-without-bound',
    file: EMITTER,
    find: 'while (this.#keptBytes > LIMITS.chunkBufferBytes || this.#kept.length > LIMITS.chunkBufferCount)',
    replace: 'while (this.#kept.length > LIMITS.chunkBufferCount * 1000)',
    why: 'A step that emits for hours fills the memory of its process.',
    tests: EMITTER_TESTS,
  },
  {
    name: 'last-chunks-stay-behind',
    file: EMITTER,
    find: 'if (this.#isOver) return this.#flush()',
    replace: 'if (this.#isOver) return',
    why: 'The end of a text is never told.',
    tests: EMITTER_TESTS,
  },
  {
    name: 'one-run-for-all-deliveries',
    file: ORDER,
    find: 'return a.attempt - b.attempt || a.delivery - b.delivery',
    replace: 'return a.attempt - b.attempt',
    why: 'What another process does anew is put behind what the dead one has told.',
    tests: ORDER_TESTS,
  },
  {
    name: 'gaps-are-not-told',
    file: ORDER,
    find: '...(from > next && { cut: from - next }),',
    replace: '',
    why: 'Watchers take what they got for all there is.',
    tests: ORDER_TESTS,
  },
  {
    name: 'anybody-speaks-for-a-step',
    file: FOLLOWER,
    find: 'if ((this.#agentOf(stepId) ?? agent) !== agent) return',
    replace: '',
    why: 'An agent of another type tells watchers what it likes.',
    tests: FOLLOWER_TESTS,
  },
  {
    name: 'live-before-kept',
    file: FOLLOWER,
    find: 'for (const { message, bytes } of since) this.#add(message, bytes) }) }',
    replace: '}) }',
    why: 'What came while the run was asked is lost.',
    tests: FOLLOWER_TESTS,
  },
  {
    name: 'chunks-of-any-depth',
    file: NATS_CHUNKS,
    find: 'maxDepth: LIMITS.chunkDepth + 4',
    replace: 'maxDepth: 10_000',
    why: 'A value that is nested too deep ends every watch of its task.',
    tests: ['test/edge/gateway/chunk-hub.test.ts'],
  },
]
