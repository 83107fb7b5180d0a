import { api, ask } from '../../data/api.ts'
import { ProblemError, toProblemError } from '../../data/problem.ts'
import { endOf } from './use-replay.ts'

/**
 * Starts a monitor anew with other rules: rules belong to what was submitted. What would be refused is seen before the old one ends.
 * @returns the id of the new one
 * @throws ProblemError
 */
export async function saveRules(
  { monitor, isRunning, input }: { monitor: string; isRunning: boolean; input: object },
  onStage: (stage: string) => void,
  signal: AbortSignal,
): Promise<string> {
  onStage('Checking…')
  await ask(api.POST('/v1/plans', { body: { type: 'monitor', input } as never, signal }))
  if (isRunning) {
    onStage('Ending the monitor with the old rules…')
    await ask(api.POST('/v1/monitors/{id}/stop', { params: { path: { id: monitor } }, signal }))
    await endOf(monitor, signal)
  }
  onStage('Starting with the new rules…')
  try {
    const { taskId } = await ask(api.POST('/v1/monitors', { body: input as never, signal }))
    return taskId!
  } catch (error) {
    const { code, message, fix } = toProblemError(error)
    throw new ProblemError({
      code,
      message: `the old monitor has ended, the new one did not start: ${message}`,
      fix: `${fix ?? ''} Save again, or copy the command below.`,
    })
  }
}
