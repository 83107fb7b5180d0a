import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskState } from '#schemas/task.ts'
import { checkTask } from '../partition/stored-task.ts'
import type { ItemOutcomes } from './checkpoint-log.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Of JSON in one message: with its envelope and encrypted it stays below the 1 MiB that servers take. Bytes. */
const INLINE_BYTES = 256 * 1024
/** What one item of a list may take is so much of the whole list, within these bounds. Bytes; `state-bounds.ts` keeps to it. */
const [LIST_BYTES, MIN_ITEM_BYTES, MAX_ITEM_BYTES] = [16 * 1024 * 1024, 4 * 1024, 64 * 1024]

/** Items whose outcomes are one message: of a long list only those are written again that have changed. Pure. */
export function itemsAPiece(total: number): number {
  const each = Math.min(MAX_ITEM_BYTES, Math.max(MIN_ITEM_BYTES, LIST_BYTES / Math.max(1, total)))
  return Math.max(1, Math.floor(INLINE_BYTES / each))
}

/** Tells two states of a task apart, whatever has changed. */
export function hashOf(json: string): string {
  return createHash('sha256').update(json).digest('base64url')
}

/** A state as it is written: by itself, or in parts. */
export async function encodeState(
  state: TaskState,
  json: string,
): Promise<{ state: Record<string, unknown> } | { parts: string[] }> {
  // A character takes three bytes at most, so most states need no counting.
  if (json.length * 3 <= INLINE_BYTES || Buffer.byteLength(json) <= INLINE_BYTES)
    return { state: state as unknown as Record<string, unknown> }
  const text = (await compress(json)).toString('base64')
  const parts: string[] = []
  for (let at = 0; at < text.length; at += INLINE_BYTES) parts.push(text.slice(at, at + INLINE_BYTES))
  return { parts }
}

/** @throws Error when the parts are none of a state */
export async function decodeParts(parts: readonly string[]): Promise<Record<string, unknown>> {
  const packed = Buffer.from(parts.join(''), 'base64')
  const json = await decompress(packed, { maxOutputLength: 2 * LIMITS.stateBytes })
  return JSON.parse(json.toString()) as Record<string, unknown>
}

/** @returns the state, or why it is none @throws LaterState */
export function stateIn(taskId: string, value: Record<string, unknown>): TaskState | { why: string } {
  return checkTask(taskId, value)
}

/** Lists of a task whose outcomes stand beside its state: of each its step, how many items have begun, and how many have an output. Pure. */
export function openLists(
  state: TaskState,
): { stepId: string; total: number; begun: number; completed: number }[] {
  // Once its fallback has begun, its list is given up.
  return Object.entries(state.steps).flatMap(([stepId, { status, items, fellBack }]) =>
    status === 'running' && !fellBack && items && items.next > 0
      ? [{ stepId, total: items.total, begun: items.next, completed: items.completed }]
      : [],
  )
}

/** Outcomes of a list, piece by piece, without the pieces that have none. Pure. */
export function piecesOf(
  outcomes: readonly (ItemOutcomes[number][1] | undefined)[],
  total: number,
): Map<number, ItemOutcomes> {
  const size = itemsAPiece(total)
  const pieces = new Map<number, ItemOutcomes>()
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome === undefined) continue
    const piece = Math.floor(index / size)
    const items = pieces.get(piece) ?? []
    items.push([index, outcome])
    pieces.set(piece, items)
  }
  return pieces
}
