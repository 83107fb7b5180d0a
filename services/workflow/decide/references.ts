import { MurmurError } from '#platform/errors/murmur-error.ts'
import { childAt } from '#platform/json/load-stored.ts'
import { jsonBlobSchema } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskState } from '#schemas/task.ts'

/** What a `$from` path points at. */
export type Reference =
  | { source: 'input'; path: string[] }
  /** What only the place that it stands in knows: the item of a list, the output of the run before. */
  | { source: 'local'; name: LocalRoot; path: string[] }
  | { source: 'step'; stepId: string; part: 'output' | 'error'; path: string[] }

/** Roots that have a meaning in some places only: in a list, in a loop, in a fallback, in a compensation. */
export const LOCAL_ROOTS = ['item', 'index', 'previous', 'iteration', 'error', 'output'] as const
export type LocalRoot = (typeof LOCAL_ROOTS)[number]
/** Their values, in such a place. */
export type Locals = { readonly [Name in LocalRoot]?: JsonValue }

/** Takes a `$from` path apart; undefined when it has no meaning. */
export function parseReference(text: string): Reference | undefined {
  const [source, ...rest] = text.split('.')
  if (rest.some((token) => token === '')) return undefined
  if (source === 'input') return { source, path: rest }
  if (source !== 'steps') {
    const local = LOCAL_ROOTS.find((name) => name === source)
    return local && { source: 'local', name: local, path: rest }
  }
  const [stepId, part, ...path] = rest
  if (!stepId || (part !== 'output' && part !== 'error')) return undefined
  return { source: 'step', stepId, part, path }
}

/** The path of `{ "$from": PATH }`, or undefined when the value is anything else. */
export function referenceIn(value: JsonValue): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const from = value.$from
  return typeof from === 'string' && Object.keys(value).length === 1 ? from : undefined
}

/** All `$from` paths in a template. The depth of templates is bounded where they come in. */
export function listReferences(template: JsonValue): string[] {
  const found: string[] = []
  const open: JsonValue[] = [template]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue
    const from = referenceIn(value)
    if (from !== undefined) found.push(from)
    else for (const item of Object.values(value)) open.push(item)
  }
  return found
}

export interface ExpansionLimits {
  /** Of what references bring in, roughly: characters are counted, not bytes. */
  maxChars: number
  /** Levels of nesting, the template's own among them. */
  maxDepth: number
}

/** The last resort: what is admitted is bounded more closely, but for what agents of other makers may send. */
const RUN_LIMITS: ExpansionLimits = { maxChars: 4 * LIMITS.expandedBytes, maxDepth: 2 * LIMITS.jsonDepth }

/**
 * The template with every reference replaced by what it points at; what is not there becomes null. Pure.
 * @throws MurmurError EXPANSION_TOO_LARGE
 */
export function resolveTemplate(
  template: JsonValue,
  state: TaskState,
  limits: ExpansionLimits = RUN_LIMITS,
  locals: Locals = {},
): JsonValue {
  return new Expansion(state, limits, locals).resolve(template, 0)
}

/** One template on its way to what it comes to. */
class Expansion {
  readonly #state: TaskState
  readonly #limits: ExpansionLimits
  readonly #locals: Locals
  #charsLeft: number

  constructor(state: TaskState, limits: ExpansionLimits, locals: Locals) {
    this.#state = state
    this.#limits = limits
    this.#locals = locals
    this.#charsLeft = limits.maxChars
  }

  resolve(template: JsonValue, depth: number): JsonValue {
    if (typeof template !== 'object' || template === null) return template
    const from = referenceIn(template)
    if (from !== undefined) {
      const value = lookUp(from, this.#state, this.#locals)
      this.#spend(value, depth)
      return value
    }
    if (Array.isArray(template)) return template.map((item) => this.resolve(item, depth + 1))
    const resolved: JsonObject = {}
    for (const [key, value] of Object.entries(template)) setOwn(resolved, key, this.resolve(value, depth + 1))
    return resolved
  }

  #spend(value: JsonValue, depth: number): void {
    if (typeof value === 'string') this.#charsLeft -= value.length
    else if (typeof value === 'object' && value !== null) {
      if (depth >= this.#limits.maxDepth)
        throw tooLarge(`it is nested more than ${this.#limits.maxDepth} levels deep`)
      for (const key in value) {
        this.#charsLeft -= key.length
        this.#spend((value as JsonObject)[key]!, depth + 1)
      }
    }
    this.#charsLeft -= 4
    if (this.#charsLeft < 0)
      throw tooLarge(`its references bring in more than ${this.#limits.maxChars} characters`)
  }
}

function tooLarge(why: string): MurmurError {
  return new MurmurError('EXPANSION_TOO_LARGE', `a template comes to too much: ${why}`)
}

/** What a `$from` path points at; null when it is not there. Pure. */
export function lookUp(from: string, state: TaskState, locals: Locals = {}): JsonValue {
  const reference = parseReference(from)
  if (!reference) return null
  if (reference.source === 'input') return partOf(state.input, reference.path)
  if (reference.source === 'local') return partOf(locals[reference.name] ?? null, reference.path)
  const step = Object.hasOwn(state.steps, reference.stepId) ? state.steps[reference.stepId] : undefined
  return partOf((step?.[reference.part] ?? null) as JsonValue, reference.path)
}

/**
 * The value at a path; null when there is none. Where a value was moved to the object store, the path is handed on in its
 * reference, and the agent's runner follows it after loading. Pure.
 */
export function partOf(root: JsonValue, path: readonly string[]): JsonValue {
  let value: JsonValue = root
  for (let depth = 0; depth < path.length; depth++) {
    if (isStored(value)) return { ...value, path: [...(value.path ?? []), ...path.slice(depth)] }
    const next = childAt(value, path[depth]!)
    if (next === undefined) return null
    value = next
  }
  return value
}

export function isStored(value: JsonValue): value is JsonObject & { path?: string[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, '$json') &&
    jsonBlobSchema.safeParse(value).success
  )
}

/** `__proto__` as a key must stay data. */
function setOwn(target: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  else target[key] = value
}
