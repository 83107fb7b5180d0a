import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { JsonObject } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type {
  Approval,
  ChildTask,
  Plan as ProtoPlan,
  RetryPolicy as ProtoRetry,
  Step as ProtoStep,
  Substitute,
} from './generated/v1/task.ts'

// A plan of a message as the JSON of the other transports: what is not set is not there. The services on NATS check it.

/**
 * @param path where it stands, for what is said about it
 * @throws MurmurError INVALID_SUBMISSION for numbers that JSON does not know; JSON_TOO_DEEP for plans in plans in plans
 */
export function planJson({ steps = [], output, ...rest }: ProtoPlan, path = 'plan', depth = 1): JsonObject {
  if (depth > LIMITS.jsonDepth)
    throw new MurmurError('JSON_TOO_DEEP', `${path} is nested deeper than ${LIMITS.jsonDepth} levels`)
  assertFinite(output, `${path}.output`)
  return present({
    ...rest,
    steps: steps.map((step, i) => stepJson(step, `${path}.steps.${i}`, depth)),
    output,
  })
}

function stepJson(step: ProtoStep, path: string, depth: number): JsonObject {
  const { agent, needs, requires, input, retry, task, sleep, waitFor, approval, forEach, repeat, ...rest } =
    step
  const { fallback, compensate, ...plain } = rest
  for (const [field, value] of Object.entries({
    input,
    'forEach.items': forEach?.items,
    'sleep.until': sleep?.until,
    'approval.subject': approval?.subject,
  }))
    assertFinite(value, `${path}.${field}`)
  return present({
    ...plain,
    agent: agent === '' ? undefined : agent,
    needs: filled(needs),
    requires: filled(requires),
    input,
    retry: retry && retryJson(retry),
    task: task && childJson(task, `${path}.task`, depth),
    sleep: sleep && present(sleep),
    waitFor: waitFor && present(waitFor),
    approval: approval && approvalJson(approval),
    forEach: forEach && present(forEach),
    repeat: repeat && present(repeat),
    fallback: fallback && substituteJson(fallback, `${path}.fallback`),
    compensate: compensate && substituteJson(compensate, `${path}.compensate`),
  })
}

function childJson({ input, plan, ...rest }: ChildTask, path: string, depth: number): JsonObject {
  assertFinite(input, `${path}.input`)
  return present({ ...rest, input, plan: plan && planJson(plan, `${path}.plan`, depth + 1) })
}

function substituteJson({ input, retry, ...rest }: Substitute, path: string): JsonObject {
  assertFinite(input, `${path}.input`)
  return present({ ...rest, input, retry: retry && retryJson(retry) })
}

function approvalJson({ form, assignees, escalation, ...rest }: Approval): JsonObject {
  return present({
    ...rest,
    form: filled(form)?.map(({ choices, ...field }) => present({ ...field, choices: filled(choices) })),
    assignees: filled(assignees),
    escalation: filled(escalation)?.map((level) => present(level)),
  })
}

function retryJson({ byCode, ...rest }: ProtoRetry): JsonObject {
  const codes = Object.entries(byCode ?? {}).map(([code, { byCode: inner, ...policy }]) => [
    code,
    present({ ...policy, byCode: filled(inner) }),
  ])
  return present({ ...rest, byCode: codes.length > 0 ? Object.fromEntries(codes) : undefined })
}

/** Lists and maps can't be unset in a message: an empty one is none. */
export function filled<Value extends object>(value: Value | undefined): Value | undefined {
  return value && Object.keys(value).length > 0 ? value : undefined
}

/** Without what is not set. */
export function present(fields: object): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject
}

/** Protobuf knows numbers that JSON does not. @throws MurmurError of that code */
export function assertFinite(
  value: unknown,
  path: string,
  code: 'INVALID_SUBMISSION' | 'INVALID_REQUEST' = 'INVALID_SUBMISSION',
): void {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const item = open.pop()
    if (typeof item === 'object' && item !== null) for (const inner of Object.values(item)) open.push(inner)
    else if (typeof item === 'number' && !Number.isFinite(item))
      throw new MurmurError(
        code,
        `the ${code === 'INVALID_REQUEST' ? 'request' : 'submission'} is not valid: ${path} has the number ${item}`,
        { issues: [{ path, message: 'has a number that is not finite' }] },
      )
  }
}
