import { utf8Length } from '#platform/json/utf8-length.ts'
import type { Approval, ApprovalField } from '#schemas/approval.ts'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskControl } from '#schemas/log-event.ts'

/** What somebody answers to an approval. */
export type ApprovalAnswer = Pick<
  TaskControl & { action: 'approval' },
  'decision' | 'by' | 'values' | 'subject' | 'comment'
>

/** One thing that is wrong with an answer, as problems name it. */
export interface AnswerIssue {
  path: string
  message: string
}

/** Characters of one text that is filled in: a form is no place for documents. */
const MAX_TEXT = 10_000

/**
 * What of an answer does not suit its approval; empty: it can be given. Whoever takes answers asks first, so that people are told
 * what is wrong; `decide` asks again. Pure.
 */
export function checkApprovalAnswer(approval: Approval, answer: ApprovalAnswer): AnswerIssue[] {
  return [
    ...valueIssues(approval.form ?? [], answer),
    ...subjectIssues(approval, answer),
    ...sizeIssues(answer),
  ]
}

function valueIssues(
  form: readonly ApprovalField[],
  { decision, values = {} }: ApprovalAnswer,
): AnswerIssue[] {
  const issues: AnswerIssue[] = []
  const fields = new Map(form.map((field) => [field.name, field]))
  for (const [name, value] of Object.entries(values)) {
    const field = fields.get(name)
    const message = field ? faultOf(field, value) : `the form has no field of that name${namesOf(form)}`
    if (message !== undefined) issues.push({ path: `values.${name}`, message })
  }
  // Whoever rejects has nothing to fill in.
  if (decision === 'rejected') return issues
  for (const { name, required } of form)
    if (required && (!Object.hasOwn(values, name) || values[name] === null))
      issues.push({ path: `values.${name}`, message: 'is required' })
  return issues
}

function faultOf(field: ApprovalField, value: JsonValue): string | undefined {
  // A field that is left empty; the required ones among them are found elsewhere.
  if (value === null) return undefined
  switch (field.type) {
    case 'string':
      if (typeof value !== 'string') return 'has to be a text'
      return value.length <= MAX_TEXT ? undefined : `has more than ${MAX_TEXT} characters`
    case 'number':
      return typeof value === 'number' ? undefined : 'has to be a number'
    case 'integer':
      return Number.isSafeInteger(value) ? undefined : 'has to be a whole number'
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'has to be true or false'
    case 'choice': {
      const { choices = [] } = field
      return typeof value === 'string' && choices.includes(value)
        ? undefined
        : `has to be one of ${choices.map((choice) => `"${choice}"`).join(', ')}`
    }
  }
}

function subjectIssues({ editable }: Approval, { decision, subject }: ApprovalAnswer): AnswerIssue[] {
  if (subject === undefined) return []
  if (!editable) return [{ path: 'subject', message: 'can only be approved or rejected as it is' }]
  if (decision === 'rejected') return [{ path: 'subject', message: 'is changed by an approval only' }]
  return []
}

/** The answer stays in the state of the task, as the output of a step does. */
function sizeIssues({ values = {}, subject = null }: ApprovalAnswer): AnswerIssue[] {
  const bytes = utf8Length(JSON.stringify([values, subject]))
  if (bytes <= LIMITS.approvalAnswerBytes) return []
  return [{ path: '', message: `has ${bytes} bytes, at most ${LIMITS.approvalAnswerBytes} are kept` }]
}

function namesOf(form: readonly ApprovalField[]): string {
  return form.length === 0 ? '' : `; there are ${form.map(({ name }) => name).join(', ')}`
}
