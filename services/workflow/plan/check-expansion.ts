import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { type LocalRoot, parseReference, partOf, referenceIn } from '../decide/references.ts'
import { inlineOutputBytes } from '../decide/state-bounds.ts'

/** The reference to an object in the place of an output. Bytes. */
const REFERENCE_BYTES = 512
/** The error of a step. It may be longer, as a thousand characters of a script that takes three bytes for one. Bytes. */
const ERROR_BYTES = 1024

interface Size {
  bytes: number
  depth: number
}

/**
 * Bounds what templates come to: a submission may be small and name something large in it a thousand times. Parts of the input
 * are measured; outputs of steps, which are not there yet, count with what they may have inline. Linear in the submission.
 * @throws MurmurError EXPANSION_TOO_LARGE, naming the template
 */
export function assertExpansion(plan: Plan, input: JsonObject): void {
  const inline = inlineOutputBytes(plan.steps.length)
  const inputSizes = new InputSizes(input)
  let total = 0
  const check = ({ where, template, locals = {}, times = 1 }: Template) => {
    if (template === undefined) return
    const { bytes, depth } = expandedSize(template, inputSizes, { inline, locals })
    total += bytes * times
    if (bytes > LIMITS.expandedBytes)
      throw new MurmurError(
        'EXPANSION_TOO_LARGE',
        `${where} may come to ${bytes} bytes with all that it refers to, at most ${LIMITS.expandedBytes} are allowed`,
      )
    if (depth > LIMITS.jsonDepth)
      throw new MurmurError(
        'EXPANSION_TOO_LARGE',
        `${where} is nested ${depth} levels deep with all that it refers to, at most ${LIMITS.jsonDepth} are allowed`,
      )
  }
  for (const step of plan.steps) for (const template of templatesOf(step, inputSizes, inline)) check(template)
  check({ where: 'the output of the plan', template: plan.output })
  if (total > LIMITS.expandedPlanBytes)
    throw new MurmurError(
      'EXPANSION_TOO_LARGE',
      `the inputs of all steps may come to ${total} bytes with all that they refer to, at most ${LIMITS.expandedPlanBytes} are allowed`,
    )
}

interface Template {
  where: string
  template: JsonValue | undefined
  /** What roots that have a meaning there only may come to. */
  locals?: Partial<Record<LocalRoot, Size>>
  /** How often it is put together, as far as that is known beforehand. */
  times?: number
}

/** A number of an item or an iteration. */
const NUMBER: Size = { bytes: 8, depth: 0 }

function templatesOf(step: Step, inputSizes: InputSizes, inline: number): Template[] {
  const where = `step "${step.id}"`
  const output = { bytes: inline, depth: 0 }
  const list = step.forEach && listSize(step.forEach.items, inputSizes, inline)
  const locals = {
    ...(list && { item: list.item, index: NUMBER }),
    ...(step.repeat && { previous: output, iteration: NUMBER }),
  }
  const times = list?.length ?? 1
  return [
    { where: `the input of ${where}`, template: step.input ?? step.task?.input, locals, times },
    { where: `"items" of ${where}`, template: step.forEach?.items },
    {
      where: `the input of the fallback of ${where}`,
      template: step.fallback?.input,
      locals: { error: { bytes: ERROR_BYTES, depth: 1 } },
    },
    {
      where: `the input of the compensation of ${where}`,
      template: step.compensate?.input,
      locals: { output },
    },
    { where: `the subject of ${where}`, template: step.approval?.subject },
  ]
}

/** How many items there are, where that is known, and what the largest may come to. */
function listSize(
  items: JsonValue,
  inputSizes: InputSizes,
  inline: number,
): { item: Size; length: number | undefined } {
  const from = referenceIn(items)
  const reference = from === undefined ? undefined : parseReference(from)
  if (reference?.source === 'input') return inputSizes.listAt(reference.path)
  if (!Array.isArray(items)) return { item: { bytes: inline, depth: 0 }, length: undefined }
  const sizes = items.map((item) => expandedSize(item, inputSizes, { inline, locals: {} }))
  return { item: largest(sizes), length: items.length }
}

function largest(sizes: readonly Size[]): Size {
  const size = { bytes: 0, depth: 0 }
  for (const { bytes, depth } of sizes) {
    size.bytes = Math.max(size.bytes, bytes)
    size.depth = Math.max(size.depth, depth)
  }
  return size
}

function expandedSize(
  template: JsonValue,
  inputSizes: InputSizes,
  { inline, locals }: { inline: number; locals: Partial<Record<LocalRoot, Size>> },
): Size {
  const size: Size = { bytes: Buffer.byteLength(JSON.stringify(template)), depth: 0 }
  const ofSteps = new Map<string, StepPart>()
  const open: [value: JsonValue, depth: number][] = [[template, 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, depth] = next
    const from = referenceIn(value)
    const reference = from === undefined ? undefined : parseReference(from)
    if (reference?.source === 'input') {
      const part = inputSizes.of(reference.path)
      size.bytes += part.bytes
      size.depth = Math.max(size.depth, depth + part.depth)
    } else if (reference?.source === 'local') {
      const part = locals[reference.name] ?? { bytes: 0, depth: 0 }
      size.bytes += part.bytes
      size.depth = Math.max(size.depth, depth + part.depth)
    } else if (reference?.source === 'step') {
      const name = `${reference.part} ${reference.stepId}`
      const step = ofSteps.get(name) ?? new StepPart()
      ofSteps.set(name, step)
      step.add(reference.path)
    } else if (typeof value === 'object' && value !== null) {
      size.depth = Math.max(size.depth, depth + 1)
      for (const item of Object.values(value)) open.push([item, depth + 1])
    }
  }
  size.bytes += stepBytes(ofSteps, inline)
  return size
}

/** A step ends with an output or with an error, never with both. */
function stepBytes(parts: Map<string, StepPart>, inline: number): number {
  const maxOfStep = new Map<string, number>()
  for (const [name, part] of parts) {
    const [kind, stepId] = name.split(' ') as [string, string]
    const bytes =
      kind === 'error'
        ? part.deepest() * ERROR_BYTES
        : Math.max(part.deepest() * inline, part.references * REFERENCE_BYTES + part.pathBytes)
    maxOfStep.set(stepId, Math.max(maxOfStep.get(stepId) ?? 0, bytes))
  }
  return [...maxOfStep.values()].reduce((sum, bytes) => sum + bytes, 0)
}

/** Sizes of the parts of the input that are referred to, each measured once. */
class InputSizes {
  readonly #input: JsonObject
  readonly #known = new Map<string, Size>()

  constructor(input: JsonObject) {
    this.#input = input
  }

  of(path: readonly string[]): Size {
    const name = path.join('.')
    const known = this.#known.get(name)
    if (known) return known
    const size = sizeOf(partOf(this.#input, path))
    this.#known.set(name, size)
    return size
  }

  /** A part that is to be a list; of one in the object store no more is known than that it is a reference. */
  listAt(path: readonly string[]): { item: Size; length: number | undefined } {
    const part = partOf(this.#input, path)
    if (!Array.isArray(part))
      return { item: { bytes: LIMITS.inlineOutputBytes, depth: 0 }, length: undefined }
    return { item: largest(part.map(sizeOf)), length: part.length }
  }
}

function sizeOf(value: JsonValue): Size {
  return { bytes: Buffer.byteLength(JSON.stringify(value)), depth: depthOf(value) }
}

function depthOf(root: JsonValue): number {
  let deepest = 0
  const open: [value: JsonValue, depth: number][] = [[root, 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, depth] = next
    if (typeof value !== 'object' || value === null) continue
    deepest = Math.max(deepest, depth + 1)
    for (const item of Object.values(value)) open.push([item, depth + 1])
  }
  return deepest
}

interface PathNode {
  /** References to exactly this part. */
  count: number
  children: Map<string, PathNode>
}

/**
 * What one template takes of one step. Parts that don't overlap are together no larger than the whole, so only the number of
 * references that lie within each other counts.
 */
class StepPart {
  references = 0
  pathBytes = 0
  readonly #root: PathNode = { count: 0, children: new Map() }

  add(path: readonly string[]): void {
    this.references++
    let node = this.#root
    for (const key of path) {
      this.pathBytes += key.length * 3 + 3
      const child = node.children.get(key) ?? { count: 0, children: new Map() }
      node.children.set(key, child)
      node = child
    }
    node.count++
  }

  /** How often the part that is taken most often is taken. */
  deepest(): number {
    let max = 0
    const open: [node: PathNode, count: number][] = [[this.#root, 0]]
    for (let next = open.pop(); next; next = open.pop()) {
      const [node, above] = next
      const count = above + node.count
      max = Math.max(max, count)
      for (const child of node.children.values()) open.push([child, count])
    }
    return max
  }
}
