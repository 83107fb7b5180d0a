import { childAt } from '#platform/json/child-at.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { TaskState } from '#schemas/task.ts'

/** What a `$from` path points at. */
export type Reference =
  | { source: 'input'; path: string[] }
  | { source: 'step'; stepId: string; part: 'output' | 'error'; path: string[] }

/** Takes a `$from` path apart; undefined when it has no meaning. */
export function parseReference(text: string): Reference | undefined {
  const [source, ...rest] = text.split('.')
  if (rest.some((token) => token === '')) return undefined
  if (source === 'input') return { source, path: rest }
  const [stepId, part, ...path] = rest
  if (source !== 'steps' || !stepId || (part !== 'output' && part !== 'error')) return undefined
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
    else open.push(...Object.values(value))
  }
  return found
}

/** The template with every reference replaced by what it points at; what is not there becomes null. Pure. */
export function resolveTemplate(template: JsonValue, state: TaskState): JsonValue {
  if (typeof template !== 'object' || template === null) return template
  const from = referenceIn(template)
  if (from !== undefined) return lookUp(from, state)
  if (Array.isArray(template)) return template.map((item) => resolveTemplate(item, state))
  const resolved: JsonObject = {}
  for (const [key, value] of Object.entries(template)) setOwn(resolved, key, resolveTemplate(value, state))
  return resolved
}

function lookUp(from: string, state: TaskState): JsonValue {
  const reference = parseReference(from)
  if (!reference) return null
  if (reference.source === 'input') return pick(state.input, reference.path)
  const step = Object.hasOwn(state.steps, reference.stepId) ? state.steps[reference.stepId] : undefined
  return pick((step?.[reference.part] ?? null) as JsonValue, reference.path)
}

/**
 * The value at a path. An output that was moved to the object store is `{ "$json": … }`: the path is handed on
 * in it, and the agent's runner follows it after loading.
 */
function pick(root: JsonValue, path: string[]): JsonValue {
  let value: JsonValue = root
  for (const [depth, key] of path.entries()) {
    if (typeof value !== 'object' || value === null) return null
    if (!Array.isArray(value) && Object.hasOwn(value, '$json')) {
      const already = Array.isArray(value.path) ? value.path : []
      return { ...value, path: [...already, ...path.slice(depth)] }
    }
    const next = childAt(value, key)
    if (next === undefined) return null
    value = next
  }
  return value
}

/** `__proto__` as a key must stay data. */
function setOwn(target: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  else target[key] = value
}
