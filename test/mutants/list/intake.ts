import type { Mutant } from '../mutant.ts'

const INTAKE = 'services/orchestrator/intake/intake.ts'
const ACCEPT = 'services/orchestrator/intake/accept-task.ts'
const ADMIT = 'services/orchestrator/intake/admit.ts'
const SETTLES = ['test/orchestrator/intake-settles.test.ts'] as const
const ACCEPTS = ['test/orchestrator/accept-task.test.ts'] as const
const ADMITS = ['test/orchestrator/admit.test.ts'] as const

/** The way in: what is accepted, once, and when its sender is told. */
export const INTAKE_MUTANTS: readonly Mutant[] = [
  {
    name: 'intake-acks-before-the-log-has-it',
    file: INTAKE,
    find: 'const { taskId } = await this.#submit(delivery.data, {',
    replace: 'delivery.ack()\n      const { taskId } = await this.#submit(delivery.data, {',
    why: 'A submission is gone when the log does not take it.',
    tests: SETTLES,
  },
  {
    name: 'intake-never-acks',
    file: INTAKE,
    find: 'delivery.ack() } catch (error)',
    replace: '} catch (error)',
    why: 'Submissions come again for ever.',
    tests: SETTLES,
  },
  {
    name: 'intake-refuses-while-away',
    file: INTAKE,
    find: 'delivery.nak(500)',
    replace: 'delivery.term()',
    why: 'What comes while a server is away is thrown away.',
    tests: SETTLES,
  },
  {
    name: 'intake-refuses-without-room',
    file: INTAKE,
    find: 'delivery.nak(Math.min(LONGEST_NAK_MS, problem.retryAfterMs ?? NO_ROOM_MS))',
    replace: 'delivery.term()',
    why: 'What there is no room for is thrown away.',
    tests: SETTLES,
  },
  {
    name: 'invalid-comes-again',
    file: INTAKE,
    find: 'delivery.term()',
    replace: 'delivery.nak()',
    why: 'What is not valid comes again for ever.',
    tests: SETTLES,
  },
  {
    name: 'invalid-is-not-told',
    file: INTAKE,
    find: 'reject(type, problem, { seq, messageId })',
    replace: 'deps',
    why: 'Nobody learns that a submission was refused.',
    tests: SETTLES,
  },
  {
    name: 'keys-are-not-looked-up',
    file: ACCEPT,
    find: 'if (hasKey) {',
    replace: 'if (hasKey && deps.partitions === 0) {',
    why: 'A key that is older than the memory of the broker makes a second task.',
    tests: ACCEPTS,
  },
  {
    name: 'any-body-under-a-key',
    file: ACCEPT,
    find: 'if (isSame) return { taskId, duplicate: true }',
    replace: 'if (isSame || taskId) return { taskId, duplicate: true }',
    why: 'Another submission under a used key is silently dropped.',
    tests: ACCEPTS,
  },
  {
    name: 'accepted-under-any-id',
    file: ACCEPT,
    find: 'msgId: MESSAGE_IDS.accepted(taskId),',
    replace: 'msgId: `${taskId}:${Math.random()}`,',
    why: 'The same submission is accepted as often as it is sent.',
    tests: ACCEPTS,
  },
  {
    name: 'accepted-without-room',
    file: ACCEPT,
    find: 'deps.admission.admit(accepted.tenant',
    replace: ';((..._: unknown[]) => undefined)(accepted.tenant',
    why: 'Nothing bounds what comes in.',
    tests: ACCEPTS,
  },
  {
    name: 'told-before-it-is-stored',
    file: ACCEPT,
    find: 'const ack = await deps.bus.publisher.publish(',
    replace:
      'const ack: { seq: number; duplicate: boolean } = { seq: 0, duplicate: false }\n  void deps.bus.publisher.publish(',
    why: 'A client has a receipt for a task that does not exist.',
    tests: ACCEPTS,
  },
  {
    name: 'tenants-share-keys',
    file: ADMIT,
    find: '.update(`${tenant}\\0${identity}`)',
    replace: '.update(`\\0${identity}`)',
    why: 'The key of one tenant finds the task of another.',
    tests: ADMITS,
  },
  {
    name: 'every-submission-is-another',
    file: ADMIT,
    find: 'const key = submission.idempotencyKey ?? context.idempotencyKey',
    replace: 'const key = submission.idempotencyKey',
    why: 'The message id of the durable door is no key.',
    tests: ADMITS,
  },
  {
    name: 'unknown-agents-are-accepted',
    file: ADMIT,
    find: 'await assertAgents(agentsOf(plan),',
    replace: 'void (agentsOf(plan),',
    why: 'Steps go into queues that do not exist.',
    tests: ADMITS,
  },
  {
    name: 'plans-are-not-checked',
    file: ADMIT,
    find: 'assertPlan(plan)',
    replace: '',
    why: 'Circles are accepted, and never end.',
    tests: ADMITS,
  },
  {
    name: 'any-depth-is-read',
    file: 'services/platform/json/parse-json.ts',
    find: 'if (++depth > maxDepth)',
    replace: 'if (++depth > 1e9)',
    why: 'A body of a few KB stops whoever walks it.',
    tests: ADMITS,
  },
  {
    name: 'admitted-is-not-counted',
    file: 'services/orchestrator/intake/admission-control.ts',
    find: 'look.admitted++',
    replace: '',
    why: 'Between two looks everything comes in.',
    tests: ['test/orchestrator/admission-control.test.ts'],
  },
  {
    name: 'quota-of-everybody',
    file: 'services/orchestrator/intake/admission-control.ts',
    find: 'return this.#limits.tenantMaxActiveOf?.get(tenant) ?? this.#limits.tenantMaxActive',
    replace: 'return this.#limits.tenantMaxActive',
    why: 'Exceptions for single tenants do not count.',
    tests: ['test/orchestrator/admission-control.test.ts'],
  },
]
