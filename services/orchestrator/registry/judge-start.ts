import { siteOfAgent } from '#schemas/site.ts'
import type { StartStepsRequest, StartVerdict } from '#schemas/step-message.ts'
import { isTerminal, type RunState, type TaskState } from '#schemas/task.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import type { Liveness, ProcessIdentity } from './process-liveness.ts'

/** An attempt that an instance asks about, with who asks and when by the broker's clock. */
export interface StartQuery {
  step: StartStepsRequest['steps'][number]
  /** The type of agent that asks. */
  agent: string
  requester: Pick<StartStepsRequest, 'instance' | 'bornAtMs'>
  nowMs: number
  livenessOf: (name: Omit<ProcessIdentity, 'type'>) => Liveness
}

/** What is answered, and what is written into the log before. */
export interface StartJudgement {
  verdict: StartVerdict
  /** `started`: it runs. `crashed`: the process that ran it died under it. */
  record?: 'started' | 'crashed'
}

/**
 * Whether an attempt may be run. It may, unless it is certain that nobody wants its result any more, or that it has taken down
 * the process that ran it, alone: then that is reported, and the attempt is over. Pure.
 * @returns 'undecided' when that process may have died but can't be known to yet; on a site also while it lives
 */
export function judgeStart(
  state: TaskState | undefined,
  { step, agent, requester, nowMs, livenessOf }: StartQuery,
): StartJudgement | 'undecided' {
  if (!state) return drop('unknown-task')
  if (isTerminal(state.status) || nowMs > state.deadlineAtMs) return drop('task-finished')
  const current = runStateOf(state, step.stepId)
  if (!current) return drop('superseded')
  // The store may be behind the log after a loss: an attempt that it does not know yet was dispatched all the same.
  if (step.attempt > current.attempt) return RUN
  if (step.attempt < current.attempt || current.status !== 'dispatched') return drop('superseded')
  if (step.running) {
    const isKnown = isRunBy(current, requester) && current.run?.alone === step.alone
    return isKnown ? { verdict: { verdict: 'run' } } : RUN
  }
  if (current.expiresAtMs !== undefined && nowMs > current.expiresAtMs) return drop('expired')
  const { run } = current
  // On a site whose link was cut the broker lost sight of everybody: what comes again for that runs on where it is.
  if (run && siteOfAgent(agent) !== undefined && !isRunBy(current, requester)) {
    const life = livenessOf(run)
    if (life === 'alive' || life === 'unsure') return 'undecided'
  }
  // Beside others it may have been their fault; a process that asks about it has not died.
  if (!run?.alone || isRunBy(current, requester)) return RUN
  const life = livenessOf(run)
  if (life === 'unsure') return 'undecided'
  return life === 'dead' ? { ...drop('crashed'), record: 'crashed' } : RUN
}

const RUN: StartJudgement = { verdict: { verdict: 'run' }, record: 'started' }

function drop(reason: NonNullable<StartVerdict['reason']>): StartJudgement {
  return { verdict: { verdict: 'drop', reason } }
}

function isRunBy({ run }: RunState, requester: StartQuery['requester']): boolean {
  return run?.instance === requester.instance && run.bornAtMs === requester.bornAtMs
}
