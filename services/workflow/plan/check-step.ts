import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Approval } from '#schemas/approval.ts'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Step } from '#schemas/plan.ts'
import { type LocalRoot, listReferences, parseReference, referenceIn } from '../decide/references.ts'
import { agentsOfStep, isReserved } from '../decide/run-body.ts'
import { checkExpression, pathsOf } from '../expressions/expression.ts'

/** Where a template stands, and what it may refer to there. */
export interface TemplatePlace {
  where: string
  locals: readonly LocalRoot[]
  mayUse: (stepId: string) => boolean
}

/** What an expression may read of a step. */
const STEP_PARTS = ['status', 'output', 'error']

/**
 * What must hold of one step, beside its place in the plan.
 * @throws MurmurError PLAN_INVALID, PLAN_TOO_LARGE, PLAN_BAD_REFERENCE, EXPRESSION_INVALID
 */
export function assertStep(step: Step): void {
  const where = `step "${step.id}"`
  for (const agent of agentsOfStep(step))
    if (isReserved(agent))
      throw new MurmurError(
        'PLAN_INVALID',
        `${where} names the agent "${agent}": names that begin with _ are the orchestrator's own`,
      )
  assertTemplates(step, where)
  if (step.when !== undefined) assertExpression(step, step.when, { where: `"when" of ${where}`, roots: [] })
  if (step.repeat) {
    const roots = ['output', 'iteration']
    assertExpression(step, step.repeat.until, { where: `"until" of ${where}`, roots })
  }
  if (step.forEach) assertItems(step.forEach.items, where)
  if (step.approval) assertApproval(step.approval, where)
  if (step.sleep && 'until' in step.sleep) assertMoment(step.sleep.until, where)
}

/** @throws MurmurError PLAN_BAD_REFERENCE */
export function assertTemplate(
  template: JsonValue | undefined,
  { where, locals, mayUse }: TemplatePlace,
): void {
  if (template === undefined) return
  for (const text of listReferences(template)) {
    const reference = parseReference(text)
    if (!reference)
      throw new MurmurError('PLAN_BAD_REFERENCE', `${where} refers to "${text}", which has no meaning`)
    if (reference.source === 'local' && !locals.includes(reference.name))
      throw new MurmurError(
        'PLAN_BAD_REFERENCE',
        `${where} refers to "${text}", which has no meaning there${known(locals)}`,
      )
    if (reference.source === 'step' && !mayUse(reference.stepId))
      throw new MurmurError(
        'PLAN_BAD_REFERENCE',
        `${where} refers to "${text}" but does not need step "${reference.stepId}"`,
      )
  }
}

function known(locals: readonly LocalRoot[]): string {
  return locals.length === 0 ? '' : `; there are ${locals.join(' and ')}`
}

function assertTemplates(step: Step, where: string): void {
  const mayUse = (id: string) => step.needs?.includes(id) === true
  const check = (template: JsonValue | undefined, what: string, locals: readonly LocalRoot[] = []) =>
    assertTemplate(template, { where: what, locals, mayUse })
  const ofRun: LocalRoot[] = [
    ...(step.forEach ? (['item', 'index'] as const) : []),
    ...(step.repeat ? (['previous', 'iteration'] as const) : []),
  ]
  check(step.input, where, ofRun)
  check(step.task?.input, where, ofRun)
  check(step.forEach?.items, `"items" of ${where}`)
  check(step.fallback?.input, `the fallback of ${where}`, ['error'])
  check(step.compensate?.input, `the compensation of ${where}`, ['output'])
  check(step.approval?.subject, `the subject of ${where}`)
  if (step.sleep && 'until' in step.sleep) check(step.sleep.until, `"until" of ${where}`)
}

function assertExpression(
  step: Step,
  text: string,
  { where, roots }: { where: string; roots: readonly string[] },
): void {
  const fault = checkExpression(text, ['input', 'steps', ...roots])
  if (fault) throw new MurmurError('EXPRESSION_INVALID', `${where}: ${fault.message}`)
  for (const path of pathsOf(text)) {
    const [root, stepId, part] = path
    if (root !== 'steps') continue
    // What is read has to be known beforehand: it has to be settled by then, and maybe fetched.
    if (stepId === undefined)
      throw new MurmurError('PLAN_BAD_REFERENCE', `${where} reads "steps" without the name of one`)
    if (step.needs?.includes(stepId) !== true)
      throw new MurmurError(
        'PLAN_BAD_REFERENCE',
        `${where} reads "${path.join('.')}" but the step does not need step "${stepId}"`,
      )
    if (part !== undefined && !STEP_PARTS.includes(part))
      throw new MurmurError(
        'PLAN_BAD_REFERENCE',
        `${where} reads "${path.join('.')}": of a step there are ${STEP_PARTS.join(', ')}`,
      )
  }
}

/** A list that stands in the plan itself. */
function assertItems(items: JsonValue, where: string): void {
  if (Array.isArray(items) && items.length > LIMITS.forEachItems)
    throw new MurmurError(
      'PLAN_TOO_LARGE',
      `"items" of ${where} has ${items.length} items, at most ${LIMITS.forEachItems} are allowed`,
    )
  const mayBeList = Array.isArray(items) || referenceIn(items) !== undefined || isObjectReference(items)
  if (!mayBeList)
    throw new MurmurError('PLAN_INVALID', `"items" of ${where} has to be a list, or a reference to one`)
}

function isObjectReference(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '$json')
}

function assertApproval({ form = [] }: Approval, where: string): void {
  const names = new Set<string>()
  for (const { name, type, choices } of form) {
    const field = `field "${name}" of the form of ${where}`
    if (names.has(name)) throw new MurmurError('PLAN_INVALID', `${field} is there twice`)
    names.add(name)
    if ((type === 'choice') !== (choices !== undefined))
      throw new MurmurError(
        'PLAN_INVALID',
        choices ? `${field} has choices, and its type is not "choice"` : `${field} has no choices`,
      )
  }
}

function assertMoment(until: JsonValue, where: string): void {
  if (typeof until === 'number' || referenceIn(until) !== undefined) return
  if (typeof until !== 'string' || Number.isNaN(Date.parse(until)))
    throw new MurmurError(
      'PLAN_INVALID',
      `"until" of ${where} has to be Unix milliseconds, a date and time as 2031-05-01T08:00:00Z, or a reference to one`,
    )
}
