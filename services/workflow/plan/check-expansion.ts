import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Plan } from '#schemas/plan.ts'
import { parseReference, partOf, referenceIn } from '../decide/references.ts'
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
  const check = (where: string, template: JsonValue | undefined) => {
    if (template === undefined) return
    const { bytes, depth } = expandedSize(template, inputSizes, inline)
    total += bytes
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
  for (const step of plan.steps) check(`the input of step "${step.id}"`, step.input)
  check('the output of the plan', plan.output)
  if (total > LIMITS.expandedPlanBytes)
    throw new MurmurError(
      'EXPANSION_TOO_LARGE',
      `the inputs of all steps may come to ${total} bytes with all that they refer to, at most ${LIMITS.expandedPlanBytes} are allowed`,
    )
}

function expandedSize(template: JsonValue, inputSizes: InputSizes, inline: number): Size {
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
    const part = partOf(this.#input, path)
    const size = { bytes: Buffer.byteLength(JSON.stringify(part)), depth: depthOf(part) }
    this.#known.set(name, size)
    return size
  }
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
