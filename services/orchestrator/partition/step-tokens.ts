import type { PlatformKeys } from '#platform/config/platform-keys.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'

/** The attempt of a run, and the type of agent that it is for. */
export interface TokenOf {
  taskId: string
  stepId: string
  attempt: number
  agent: string
}

const PURPOSE = 'step'

/**
 * What proves that whoever shows it was handed an attempt: it stands in the message of the step, and in its result. Made from a key
 * and the attempt alone, so that every orchestrator, and every rebuilding of a state, comes to the same.
 */
export class StepTokens {
  readonly #keys: Pick<PlatformKeys, 'seal' | 'isSealed' | 'sinceMs'>

  constructor(keys: Pick<PlatformKeys, 'seal' | 'isSealed' | 'sinceMs'>) {
    this.#keys = keys
  }

  of(step: TokenOf): string {
    return this.#keys.seal(PURPOSE, partsOf(step))
  }

  isRight(step: TokenOf, token: string | undefined): boolean {
    return this.#keys.isSealed(PURPOSE, partsOf(step), token)
  }

  /** Whether attempts of a task have tokens: not of one that was accepted before they were asked for. */
  isNeeded({ createdAtMs }: Pick<TaskState, 'createdAtMs'>): boolean {
    return createdAtMs >= this.#keys.sinceMs
  }

  /** Whether a result may count. */
  isProven({ body, agent }: LogEvent & { kind: 'result' }, state: TaskState): boolean {
    if (!this.isNeeded(state)) return true
    return agent !== undefined && this.isRight({ ...body, agent }, body.token)
  }
}

function partsOf({ taskId, stepId, attempt, agent }: TokenOf): (string | number)[] {
  return [taskId, stepId, attempt, agent]
}

/** The field of a message or a result; nothing where no tokens are given. */
export function tokenField(tokens: Pick<StepTokens, 'of'> | undefined, step: TokenOf): { token?: string } {
  return tokens ? { token: tokens.of(step) } : {}
}
