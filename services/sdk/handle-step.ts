import type { Clock } from '#platform/clock/clock.ts'
import { TIMED_OUT, withTimeout } from '#platform/clock/promises.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import { type AgentContext, type AnyAgentDefinition, StepAborted } from './define-agent.ts'
import { jsonFault } from './json-fault.ts'
import { checkOutcome, cutMessage, InvalidOutcomeError, invalidOutcome } from './outcome.ts'

/** How a run ended. */
export interface HandledStep {
  outcome: StepOutcome
  /** Resolves when a handler that was left behind has ended after all; undefined when it has ended. */
  lingering?: Promise<void>
}

export interface HandleOptions {
  /** Milliseconds from now. */
  timeoutMs: number
  /** Aborted when there is another reason to end early. */
  signal: AbortSignal
  /** Told when time is up. */
  onTimeout?: () => void
  /** What the time is measured by; by default the machine's timers. */
  timeouts?: Pick<Clock, 'sleep'> | undefined
  /** Makes the handler's context around the signal that it is to heed. */
  contextOf(signal: AbortSignal): AgentContext
}

/** Codes that no other attempt can mend. Everything else that is thrown may pass. */
const PERMANENT = new Set<string>(['LIMIT_EXCEEDED', 'OUTPUT_TOO_LARGE', 'PAYLOAD_UNREADABLE'])
const MAX_FAULTS = 5

/**
 * One run of a handler, from an input as it came to an outcome that every orchestrator understands: check the input → handle
 * → check the outcome → check the output. Never throws.
 */
export async function handleStep(
  agent: AnyAgentDefinition,
  input: unknown,
  options: HandleOptions,
): Promise<HandledStep> {
  let handled: HandledStep
  try {
    const parsed = agent.input.safeParse(input)
    if (!parsed.success) return { outcome: failed('INVALID_STEP_INPUT', faultsOf(parsed.error, 'input')) }
    handled = await handleInTime(agent, parsed.data, options)
  } catch (error) {
    return { outcome: outcomeOfThrown(error) }
  }
  const { outcome } = handled
  return outcome.kind === 'done' ? { ...handled, outcome: checkOutput(agent, outcome.output) } : handled
}

/** The outcome of an error that was thrown. */
export function outcomeOfThrown(error: unknown): StepOutcome {
  if (error instanceof InvalidOutcomeError) return invalidOutcome(error.message)
  const code = error instanceof MurmurError ? error.code : 'STEP_FAILED'
  const message = messageOf(error)
  return PERMANENT.has(code)
    ? failed(code, message)
    : { kind: 'retry', error: { code, message: cutMessage(message) } }
}

/** The handler's own outcome, or a timeout: whichever comes first. A handler that ignores its signal is left behind. */
async function handleInTime(
  agent: AnyAgentDefinition,
  input: unknown,
  { timeoutMs, signal, onTimeout, timeouts, contextOf }: HandleOptions,
): Promise<HandledStep> {
  const controller = new AbortController()
  const onAbort = () => controller.abort(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort)
  let handling: Promise<unknown> | undefined
  const handle = () => {
    handling = Promise.resolve(agent.handle(input as never, contextOf(controller.signal)))
    return handling
  }
  try {
    const returned = await withTimeout(handle, timeoutMs, timeouts)
    if (returned !== TIMED_OUT) return { outcome: checkOutcome(returned, agent.name) }
    onTimeout?.()
    controller.abort(new StepAborted('timeout'))
    const message = `agent "${agent.name}" did not end within ${timeoutMs} ms`
    return {
      outcome: { kind: 'retry', error: { code: 'STEP_TIMEOUT', message } },
      lingering: handling!.then(ignore, ignore),
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function ignore(): void {}

function checkOutput(agent: AnyAgentDefinition, output: unknown): StepOutcome {
  try {
    const parsed = agent.output.safeParse(output)
    if (!parsed.success) return failed('INVALID_STEP_OUTPUT', faultsOf(parsed.error, 'output'))
    const fault = jsonFault(parsed.data)
    return fault === undefined
      ? { kind: 'done', output: parsed.data as never }
      : invalidOutcome(`agent "${agent.name}": ${fault}`)
  } catch (error) {
    // A getter, a `toJSON` or a refinement that throws; or a cycle, or a depth, that a recursive schema runs into.
    const why = error instanceof RangeError ? 'it is nested too deep, or in a cycle' : messageOf(error)
    return invalidOutcome(`agent "${agent.name}": the output cannot be read: ${why}`)
  }
}

function failed(code: string, message: string): StepOutcome {
  return { kind: 'fail', error: { code, message: cutMessage(message) } }
}

function faultsOf(
  error: { issues: readonly { path: PropertyKey[]; message: string }[] },
  what: 'input' | 'output',
): string {
  return error.issues
    .slice(0, MAX_FAULTS)
    .map((issue) => `${issue.path.map(String).join('.') || `(${what})`}: ${issue.message}`)
    .join('; ')
}
