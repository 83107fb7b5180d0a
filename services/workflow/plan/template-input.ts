import { MurmurError } from '#platform/errors/murmur-error.ts'
import { jsonBlobSchema } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { PlanTemplate, TemplateParameter } from '#schemas/plan-template.ts'
import { listReferences, parseReference } from '../decide/references.ts'
import { assertPlan } from './check-plan.ts'

type Declared = Pick<PlanTemplate, 'name' | 'parameters' | 'plan'>
interface Issue {
  path: string
  message: string
}

/**
 * What must hold before a version of a template is written: its plan, what its parameters say, and that the plan refers to no other.
 * Whether its agents are there shows when a task is made of it. Pure.
 * @throws MurmurError INVALID_REQUEST, PLAN_CYCLE and the like
 */
export function assertTemplate({ parameters, plan }: Declared): void {
  const issues = Object.entries(parameters).flatMap(([name, parameter]) =>
    parameterFaults(parameter).map((message): Issue => ({ path: `parameters.${name}`, message })),
  )
  const [first] = issues
  if (first)
    throw new MurmurError('INVALID_REQUEST', `the request is not valid: ${first.path} ${first.message}`, {
      issues,
    })
  assertPlan(plan)
  for (const template of [plan.output, ...plan.steps.map(({ input }) => input)]) {
    if (template === undefined) continue
    for (const text of listReferences(template)) {
      const reference = parseReference(text)
      const [name] = reference?.source === 'input' ? reference.path : []
      if (name !== undefined && !Object.hasOwn(parameters, name))
        throw new MurmurError(
          'PLAN_BAD_REFERENCE',
          `the plan refers to "${text}", and "${name}" is no parameter of the template`,
        )
    }
  }
}

/** What contradicts itself in a parameter. */
function parameterFaults(parameter: TemplateParameter): string[] {
  const { type, minimum, maximum, minLength, maxLength, default: preset, enum: choices = [] } = parameter
  const isNumber = type === 'number' || type === 'integer'
  const hasLength = type === 'string' || type === 'array'
  const faults: string[] = []
  if ((minimum !== undefined || maximum !== undefined) && !isNumber)
    faults.push(`has a minimum or maximum, which a ${type} has not`)
  if ((minLength !== undefined || maxLength !== undefined) && !hasLength)
    faults.push(`has a length, which a ${type} has not`)
  if ((minimum ?? 0) > (maximum ?? minimum ?? 0)) faults.push('has a minimum above its maximum')
  if ((minLength ?? 0) > (maxLength ?? minLength ?? 0)) faults.push('has a minLength above its maxLength')
  for (const choice of choices) {
    const fault = valueFault(choice, { ...parameter, enum: undefined })
    if (fault) faults.push(`has ${JSON.stringify(choice).slice(0, 60)} under enum, which ${fault}`)
  }
  const fault = preset === undefined ? undefined : valueFault(preset, parameter)
  if (fault) faults.push(`has a default that ${fault}`)
  return faults
}

/**
 * The input of a submission with the defaults of a template where it is silent. Pure.
 * @throws MurmurError INVALID_SUBMISSION with every field that is wrong, missing or unknown
 */
export function fillInput({ name, parameters }: Declared, reference: string, given: JsonObject): JsonObject {
  const issues: Issue[] = []
  const known = Object.keys(parameters)
  for (const field of Object.keys(given))
    if (!Object.hasOwn(parameters, field))
      issues.push({
        path: `input.${field}`,
        message: `is not taken by template "${name}"; ${known.length === 0 ? 'it takes no input' : `it takes ${known.join(', ')}`}`,
      })
  const filled: [string, JsonValue][] = []
  for (const [field, parameter] of Object.entries(parameters)) {
    const value = Object.hasOwn(given, field) ? given[field] : parameter.default
    if (value !== undefined) {
      const fault = valueFault(value, parameter)
      if (fault) issues.push({ path: `input.${field}`, message: fault })
      filled.push([field, value])
    } else if (!parameter.optional) issues.push({ path: `input.${field}`, message: 'is missing' })
  }
  const [first] = issues
  if (!first) return Object.fromEntries(filled)
  throw new MurmurError(
    'INVALID_SUBMISSION',
    `the input does not suit template "${reference}": ${first.path} ${first.message}`,
    { issues },
  )
}

/** What is wrong with a value, as the end of a sentence about it. */
function valueFault(value: JsonValue, parameter: TemplateParameter): string | undefined {
  // What lies in the object store is loaded by the agent, which checks its input.
  if (jsonBlobSchema.safeParse(value).success) return undefined
  const { type, enum: choices, minimum, maximum, minLength, maxLength } = parameter
  if (!isOfType(value, type)) return `must be ${ARTICLES[type]}`
  if (choices && !choices.some((choice) => isSame(choice, value)))
    return `must be one of ${choices
      .map((choice) => JSON.stringify(choice))
      .join(', ')
      .slice(0, 300)}`
  if (typeof value === 'number') {
    if (minimum !== undefined && value < minimum) return `must be at least ${minimum}`
    if (maximum !== undefined && value > maximum) return `must be at most ${maximum}`
  }
  if (typeof value === 'string' || Array.isArray(value)) {
    const unit = typeof value === 'string' ? 'characters' : 'items'
    if (minLength !== undefined && value.length < minLength) return `must have at least ${minLength} ${unit}`
    if (maxLength !== undefined && value.length > maxLength) return `must have at most ${maxLength} ${unit}`
  }
  return undefined
}

const ARTICLES: Record<TemplateParameter['type'], string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  any: 'any JSON',
}

function isOfType(value: JsonValue, type: TemplateParameter['type']): boolean {
  switch (type) {
    case 'any':
      return true
    case 'integer':
      return Number.isSafeInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    default:
      // A text, a number, true or false are called in JavaScript as they are here.
      return typeof value === type
  }
}

/** The same JSON, whatever the order of its keys. */
function isSame(a: JsonValue, b: JsonValue): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame((a as JsonObject)[key]!, (b as JsonObject)[key]!))
  )
}
