import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { ObjectUser } from '#schemas/step-object.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { uploadFolder } from '#subjects/streams.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import type { StepTokens } from '../partition/step-tokens.ts'
import type { StepStates, StepStore } from '../registry/step-states.ts'

/** Who may use objects, as far as it is known: where what it stores lies, and whose objects it may read. */
export interface ObjectAccess {
  readonly tenant: string
  /** What keys of the objects that it stores begin with. */
  readonly folder: string
  readonly taskId: string
}

export interface StepAccessDeps {
  states: Pick<StepStates, 'of'>
  store: Pick<StepStore, 'readTasks'>
  partitions: number
  /** Undefined: this system gives steps no tokens. */
  tokens?: Pick<StepTokens, 'isNeeded' | 'isRight'> | undefined
  /** The broker's time, Unix ms. */
  nowMs: () => number
}

/** The service that keeps pictures of monitors, which it makes outside of any step. */
const KEEPS_PICTURES = 'alerting'

/** Looks at the step for which an agent wants an object: is its attempt out, is it of this type, and whose object is it. */
export class StepAccess {
  readonly #deps: StepAccessDeps

  constructor(deps: StepAccessDeps) {
    this.#deps = deps
  }

  /**
   * @param agent the type that asks, as the server has let it
   * @throws MurmurError PERMISSION_DENIED for an attempt that is not out, of another type, or without its token; UNAVAILABLE while
   * that can't be told
   */
  async of(agent: string, user: ObjectUser): Promise<ObjectAccess> {
    if ('monitor' in user) return this.#ofMonitor(agent, user.monitor)
    const { taskId, stepId, attempt, token } = user
    const [state] = await this.#deps.states.of(agent, [{ taskId, stepId }])
    const isOut = state !== undefined && this.#isOut(state, stepId, attempt)
    if (!isOut) throw denied(`attempt ${attempt} of step "${stepId}" of ${taskId} is not out`)
    const { tenant } = state
    const { tokens } = this.#deps
    if (tokens?.isNeeded(state) && !tokens.isRight({ taskId, stepId, attempt, agent }, token))
      throw denied(`this is not the token of attempt ${attempt} of step "${stepId}" of ${taskId}`)
    return { tenant, taskId, folder: `tasks/${taskId}/${stepId}` }
  }

  /**
   * Whether whoever has this access may read an object: of its own task, of a task of its tenant, or an upload of its tenant.
   * @param owner the tenant that it was stored for, where that is known
   * @throws MurmurError UNAVAILABLE when the states of tasks can't be read
   */
  async mayRead({ tenant, taskId }: ObjectAccess, key: string, owner: string | undefined): Promise<boolean> {
    if (owner !== undefined) return owner === tenant
    if (key.startsWith(`${uploadFolder(tenant)}/`)) return true
    const [folder, task] = key.split('/')
    if (task === undefined || (folder !== 'tasks' && folder !== 'monitors')) return false
    if (task === taskId) return true
    return (await this.#tenantOf(task)) === tenant
  }

  /** The store may be behind the log after a loss: an attempt that it does not know yet was dispatched all the same. */
  #isOut(state: TaskState, stepId: string, attempt: number): boolean {
    if (isTerminal(state.status) || this.#deps.nowMs() > state.deadlineAtMs) return false
    const current = runStateOf(state, stepId)
    if (!current) return false
    if (attempt > current.attempt) return this.#deps.tokens !== undefined
    return attempt === current.attempt && current.status === 'dispatched'
  }

  async #ofMonitor(agent: string, monitor: string): Promise<ObjectAccess> {
    if (agent !== KEEPS_PICTURES) throw denied(`agents "${agent}" keep no pictures of monitors`)
    const tenant = await this.#tenantOf(monitor)
    if (tenant === undefined) throw denied(`there is no monitor "${monitor}"`)
    return { tenant, taskId: monitor, folder: `monitors/${monitor}` }
  }

  async #tenantOf(taskId: string): Promise<string | undefined> {
    const { store, partitions } = this.#deps
    try {
      const [state] = await store.readTasks(partitionOf(taskId, partitions), [taskId])
      return state?.tenant
    } catch (cause) {
      throw new MurmurError('UNAVAILABLE', `the states of tasks can't be read: ${messageOf(cause)}`, {
        cause,
      })
    }
  }
}

function denied(why: string): MurmurError {
  return new MurmurError('PERMISSION_DENIED', why)
}
