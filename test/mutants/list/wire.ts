import type { Mutant } from '../mutant.ts'

const EMITTER = 'services/orchestrator/partition/emitter.ts'
const SUBJECTS = 'subjects/subjects.ts'
const PUBLISHER = 'services/platform/nats/publisher.ts'
const FOLLOWER = 'services/platform/nats/log-reader.ts'
const SESSION = 'services/platform/nats/log-session.ts'
const PLACE = 'services/platform/nats/log-place.ts'
const EMITTER_TESTS = ['test/orchestrator/partition/dispatch-ids.test.ts'] as const
const PUBLISHER_TESTS = ['test/platform/nats/publisher.test.ts'] as const
const READER_TESTS = [
  'test/platform/nats/log-duplicates.test.ts',
  'test/platform/nats/log-reader.test.ts',
] as const

/** What goes over the wire: under which id, how often, and what is made of what comes. */
export const WIRE_MUTANTS: readonly Mutant[] = [
  {
    name: 'new-message-id-for-each-command',
    file: EMITTER,
    find: 'refuseWhenFull: true,',
    replace: 'refuseWhenFull: true, msgId: String(Math.random()),',
    why: 'What a new owner sends again is run again.',
    tests: EMITTER_TESTS,
  },
  {
    name: 'no-id-is-ever-the-same',
    file: SUBJECTS,
    find: 'dispatch: (taskId: string, stepId: string, attempt: number) => `${taskId}:${stepId}:${attempt}`,',
    replace: 'dispatch: (t: string, s: string, attempt: number) => `${t}:${s}:${attempt}:${Math.random()}`,',
    why: 'Nothing that is sent twice is known to be the same.',
    tests: EMITTER_TESTS,
  },
  {
    name: 'one-id-for-all-attempts',
    file: SUBJECTS,
    find: 'dispatch: (taskId: string, stepId: string, attempt: number) => `${taskId}:${stepId}:${attempt}`,',
    replace:
      'dispatch: (taskId: string, stepId: string, attempt: number) => `${taskId}:${stepId}:${attempt * 0}`,',
    why: 'The second attempt of a step is dropped as a repetition of the first.',
    tests: EMITTER_TESTS,
  },
  {
    name: 'one-id-for-all-results',
    file: SUBJECTS,
    find: '`${taskId}:${stepId}:${attempt}:result',
    replace: '`${taskId}:${stepId}:${attempt * 0}:result',
    why: 'The result of the second attempt is dropped as a repetition of the first.',
    tests: EMITTER_TESTS,
  },
  {
    name: 'one-id-for-all-timers',
    file: SUBJECTS,
    find: '`${taskId}:timer:${dueMs}',
    replace: '`${taskId}:timer:${dueMs * 0}',
    why: 'Of the timers of a task only the first is ever heard.',
    tests: EMITTER_TESTS,
  },
  {
    name: 'one-partition-for-all',
    file: 'subjects/task-partition.ts',
    find: 'return (hash >>> 0) % buckets',
    replace: 'return (hash >>> 0) % 1',
    why: 'All tasks share one partition, and one orchestrator.',
    tests: ['test/subjects/subjects.test.ts'],
  },
  {
    name: 'published-once-and-forgotten',
    file: PUBLISHER,
    find: 'else if (pending.resendAtMs <= nowMs)',
    replace: 'else if (pending.resendAtMs <= nowMs - 1e9)',
    why: 'A message that is lost on the way is never sent again.',
    tests: PUBLISHER_TESTS,
  },
  {
    name: 'full-is-final',
    file: PUBLISHER,
    find: '} else if (mayPass(error)) {',
    replace: '} else if (mayPass(error) && !isFull(error)) {',
    why: 'What a full stream refuses once is lost.',
    tests: PUBLISHER_TESTS,
  },
  {
    name: 'never-given-up',
    file: PUBLISHER,
    find: 'if (pending.giveUpAtMs <= nowMs) {',
    replace: 'if (pending.giveUpAtMs <= nowMs - 1e9) {',
    why: 'A client that waits for a full stream waits for ever.',
    tests: PUBLISHER_TESTS,
  },
  {
    name: 'published-without-its-id',
    file: PUBLISHER,
    find: 'headers: rawHeaders(options.msgId, headersOf(options)),',
    replace: 'headers: rawHeaders(`${options.msgId}${Math.random()}`, headersOf(options)),',
    why: 'Sending again stores a message twice.',
    tests: PUBLISHER_TESTS,
  },
  {
    name: 'closed-and-waiting',
    file: PUBLISHER,
    find: 'for (const pending of this.#pending.values()) pending.reject(closedError())',
    replace: '',
    why: 'Whoever waits for a message when the connection is closed waits for ever.',
    tests: PUBLISHER_TESTS,
  },
  {
    name: 'log-read-twice',
    file: FOLLOWER,
    find: 'if (this.#stopped || message.seq < this.#nextSeq) return',
    replace: 'if (this.#stopped) return',
    why: 'A message that comes twice is folded twice.',
    tests: READER_TESTS,
  },
  {
    name: 'gap-in-the-log-not-noticed',
    file: SESSION,
    find: 'if (position?.consumerSeq !== this.#consumerSeq + 1) {',
    replace: 'if (!position) {',
    why: 'A message that is lost on the way is lost for good.',
    tests: READER_TESTS,
  },
  {
    name: 'last-message-missed',
    file: SESSION,
    find: 'if (last > this.#consumerSeq)',
    replace: 'if (last > this.#consumerSeq + 1e9)',
    why: 'When the last message is lost on the way, nobody notices before the next one.',
    tests: READER_TESTS,
  },
  {
    name: 'old-consumer-after-a-reconnect',
    file: FOLLOWER,
    find: "this.#session?.end('the connection has gone')",
    replace: '',
    why: 'After a reconnect the reader believes what the server says of its old consumer.',
    tests: READER_TESTS,
  },
  {
    name: 'tail-of-the-log-not-looked-for',
    file: FOLLOWER,
    find: 'if (lastSeq >= seq) {',
    replace: 'if (lastSeq >= seq + 1e9) {',
    why: 'A reader that stands still though there is more is not noticed.',
    tests: READER_TESTS,
  },
  {
    name: 'emptied-log-not-noticed',
    file: PLACE,
    find: "if (facts.created !== place.stream) return 'other-stream'",
    replace: '',
    why: 'A stream that was made anew is taken for the old one.',
    tests: READER_TESTS,
  },
  {
    name: 'older-log-not-noticed',
    file: PLACE,
    find: "if (facts.lastSeq < place.seq) return 'log-behind'",
    replace: '',
    why: 'A restored log that is behind the state is taken for read.',
    tests: READER_TESTS,
  },
  {
    name: 'other-history-not-noticed',
    file: PLACE,
    find: 'return message && !isSameTime(message.time.getTime(), place.storedAtMs)',
    replace: 'return message && place.storedAtMs < 0',
    why: 'A log that went back and was written on is taken for the one that was read.',
    tests: READER_TESTS,
  },
  {
    name: 'pull-never-filled',
    file: 'services/platform/nats/puller.ts',
    find: "if (open && --open.remaining === 0) open.end('filled')",
    replace: "if (open && --open.remaining < 0) open.end('filled')",
    why: 'A pull that has all its messages waits until it expires.',
    tests: ['test/platform/nats/puller.test.ts'],
  },
  {
    name: 'lost-pulls-wait',
    file: 'services/platform/nats/puller.ts',
    find: "this.#open?.end('lost')",
    replace: '',
    why: 'After a broken connection an agent asks again only when the old question has expired.',
    tests: ['test/platform/nats/puller.test.ts'],
  },
]
