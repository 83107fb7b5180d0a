import type { Command } from 'commander'
import { type DeadLetterFilter, deadLetterFilterSchema } from '#schemas/dead-letter.ts'
import { agentTypeSchema, taskTypeSchema } from '#schemas/identifiers.ts'
import { checkedBy, integerOption, resolveTime, TIME_FORMS, timeOption } from './arguments.ts'

/** Options that pick letters. */
export interface FilterOptions {
  agent?: string
  taskType?: string
  code?: string
  since?: number
  before?: number
}

export const numberArgument = integerOption(1, Number.MAX_SAFE_INTEGER)

/** Adds the options that pick letters. */
export function withFilter(command: Command): Command {
  return command
    .option('--agent <type>', 'only of this type of agent', checkedBy(agentTypeSchema))
    .option('--task-type <type>', 'only of tasks of this type', checkedBy(taskTypeSchema))
    .option(
      '--code <code>',
      'only with this code as their last error',
      checkedBy(deadLetterFilterSchema.shape.code.unwrap()),
    )
    .option('--since <time>', `only given up since: ${TIME_FORMS}`, timeOption)
    .option('--before <time>', 'only given up before', timeOption)
}

/** The filter that options say. */
export function filterOf(
  { agent, taskType, code, since, before }: FilterOptions,
  nowMs: number,
): DeadLetterFilter {
  return {
    ...(agent !== undefined && { agent }),
    ...(taskType !== undefined && { taskType }),
    ...(code !== undefined && { code }),
    ...(since !== undefined && { createdFromMs: Math.floor(resolveTime(since, nowMs)) }),
    ...(before !== undefined && { createdBeforeMs: Math.floor(resolveTime(before, nowMs)) }),
  }
}
