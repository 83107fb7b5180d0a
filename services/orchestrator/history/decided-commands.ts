import { hash } from 'node:crypto'
import type { StepMessage } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { buildBuriedMessage, buildStepMessage, isItemStored } from '#workflow/decide/build-step-message.ts'
import { childOrder } from '#workflow/decide/child-order.ts'
import type { Command } from '#workflow/decide/commands.ts'
import { canonicalJson } from './state-hash.ts'

/** Stands for an event that nothing follows from. */
export const NO_COMMANDS = '-'
/** Of a hash: one command in 16 million that differs is not noticed. */
const HASH_CHARACTERS = 6

/** Who gets a result is written differently in each partition, and says nothing of what was decided. */
const replyOf = () => ''

/**
 * A short hash of what follows from an event: each command, with the message, the child or the event that it sends. Two versions that
 * decide alike have the same one. Pure.
 * @param state after the event
 * @param hasContent false: without inputs, for tasks whose payload is encrypted. A hash would tell who guesses a short one that he is right
 * @returns hexadecimal characters, or NO_COMMANDS
 */
export function commandsHash(state: TaskState, commands: readonly Command[], hasContent: boolean): string {
  if (commands.length === 0) return NO_COMMANDS
  const text = commands.map((command) => textOf(state, command, hasContent)).join('\n')
  return hash('sha256', text, 'hex').slice(0, HASH_CHARACTERS)
}

function textOf(state: TaskState, command: Command, hasContent: boolean): string {
  if (command.kind === 'AnnounceEvent' && !hasContent) {
    const { kind, stepId, attempt } = command.event
    return JSON.stringify([command.kind, kind, stepId, attempt])
  }
  return `${canonicalJson(command)}${contentOf(state, command, hasContent)}`
}

/** Of an item that lies in the object store, only the place is known. */
function contentOf(state: TaskState, command: Command, hasContent: boolean): string {
  if (command.kind === 'DispatchStep' || command.kind === 'BuryStep') {
    const build = command.kind === 'DispatchStep' ? buildStepMessage : buildBuriedMessage
    const message = build(state, command.stepId, command.attempt, replyOf)
    const isKnown = hasContent && !isItemStored(state, command.stepId)
    return message ? messageText(message, isKnown) : ''
  }
  if (command.kind !== 'StartChild') return ''
  const order = childOrder(state, command.stepId, command.attempt)
  if (!order) return ''
  return hasContent ? canonicalJson(order) : order.childId
}

/** Members in the order of their names; the input in its own, which is that of the plan. */
function messageText({ input, ...others }: StepMessage, hasInput: boolean): string {
  const members = Object.entries(others).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([members, hasInput && input])
}
